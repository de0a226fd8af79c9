SELECT JSON_OBJECT(
  'tickets' VALUE (SELECT JSON_OBJECT(
      'nodes' VALUE coalesce(anon_3.l0, '[]'::json) RETURNING json) AS anon_2
    FROM (SELECT json_agg(JSON_OBJECT(
          'number' VALUE t0.number,
          'status' VALUE t0.status,
          'severity' VALUE t0.severity,
          'channel' VALUE t0.channel,
          'createdAt' VALUE t0.created_at,
          'category' VALUE (SELECT JSON_OBJECT(
              'code' VALUE t1.code RETURNING json) AS anon_4
            FROM (SELECT category.code AS code
              FROM category
              WHERE category.code = t0.category_code
              AND category.locality_id = $1::VARCHAR) AS t1) RETURNING json)) AS l0
      FROM (SELECT anon_5.number AS number, anon_5.status AS status, anon_5.severity AS severity, anon_5.channel AS channel, anon_5.created_at AS created_at, anon_5.category_code AS category_code, anon_5.id AS id
        FROM unnest(array((SELECT DISTINCT unnest($2::TEXT[]) AS unnest_1))) AS wanted(value) JOIN LATERAL (SELECT ticket.number AS number, ticket.status AS status, ticket.severity AS severity, ticket.channel AS channel, ticket.created_at AS created_at, ticket.category_code AS category_code, ticket.id AS id
          FROM ticket
          WHERE ticket.status = wanted.value
          AND NOT (wanted.value NOT IN ('CLOSED', 'REJECTED', 'MERGED', 'WITHDRAWN'))
          AND ticket.created_at >= $3::TIMESTAMP WITH TIME ZONE
          AND ticket.created_at < $4::TIMESTAMP WITH TIME ZONE
          AND ticket.severity = ANY ($5::TEXT[])
          AND ticket.category_code = ANY ($6::TEXT[])
          AND ticket.channel = ANY ($7::TEXT[])
          AND ticket.locality_id = $1::VARCHAR
          AND ticket.locality_id = $8::VARCHAR
          AND ((ticket.unit_path ^@ ANY ($9::TEXT[])) OR (ticket.handler_path ^@ ANY ($9::TEXT[])) OR ticket.reporter_id = $10::UUID OR coalesce(ticket.joint_scopes && $9::TEXT[], false))
          ORDER BY ticket.created_at DESC, ticket.id DESC
          LIMIT $11::INTEGER) AS anon_5 ON true
        ORDER BY anon_5.created_at DESC, anon_5.id DESC
        LIMIT $12::INTEGER) AS t0) AS anon_3),
  'serviceRecords' VALUE (SELECT JSON_OBJECT(
      'nodes' VALUE coalesce(anon_7.l0, '[]'::json) RETURNING json) AS anon_6
    FROM (SELECT json_agg(JSON_OBJECT(
          'kind' VALUE t2.kind,
          'at' VALUE t2.at RETURNING json)) AS l0
      FROM (SELECT service_record.kind AS kind, service_record.at AS at
        FROM service_record
        WHERE service_record.kind = ANY ($13::TEXT[])
        AND service_record.locality_id = $14::VARCHAR
        AND (service_record.locality_id = $8::VARCHAR
          AND ((service_record.unit_path ^@ ANY ($9::TEXT[])) OR (service_record.handler_path ^@ ANY ($9::TEXT[])) OR service_record.recipient_id = $10::UUID OR coalesce(service_record.joint_scopes && $9::TEXT[], false)) OR service_record.locality_id = $8::VARCHAR
          AND service_record.person_id = $10::UUID)
        ORDER BY service_record.at DESC, service_record.id DESC
        LIMIT $15::INTEGER) AS t2) AS anon_7) RETURNING json) AS anon_1
-- $1 = Fixed(value='riverside')
-- $2 = Slot(path=('status',))
-- $3 = Slot(path=('from',))
-- $4 = Fixed(value=datetime.datetime(2025, 12, 30, 16, 0, tzinfo=datetime.timezone.utc))
-- $5 = Slot(path=('severity', 'in'))
-- $6 = Several(items=(Fixed(value='noise'),))
-- $7 = Several(items=(Fixed(value=<Channel.APP: 'APP'>), Fixed(value=<Channel.HOTLINE: 'HOTLINE'>)))
-- $8 = FromScope(name='locality')
-- $9 = FromScope(name='prefixes')
-- $10 = FromScope(name='person')
-- $11 = Fixed(value=5)
-- $12 = Fixed(value=5)
-- $13 = Several(items=(Fixed(value=<ServiceKind.VISIT: 'VISIT'>), Fixed(value=<ServiceKind.CARE: 'CARE'>), Fixed(value=<ServiceKind.REPAIR: 'REPAIR'>)))
-- $14 = FromScope(name='locality')
-- $15 = Fixed(value=3)
