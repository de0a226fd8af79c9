SELECT JSON_OBJECT(
  'orgUnit' VALUE (SELECT JSON_OBJECT(
      'all' VALUE (SELECT JSON_OBJECT(
          'totalCount' VALUE CASE WHEN ($1::VARCHAR = $2::VARCHAR
            AND (t0.path ^@ ANY ($3::TEXT[]))) THEN (SELECT nullif(count(*), 500001) AS nullif_1
            FROM (SELECT 1 AS one
              FROM ticket_scope
              WHERE ticket_scope.locality_id = $1::VARCHAR
              AND ticket_scope.path = t0.path
              LIMIT 500001) AS anon_4) ELSE (SELECT nullif(count(*), 500001) AS nullif_2
            FROM (SELECT 1 AS one
              FROM ticket, ticket_scope
              WHERE ticket_scope.ticket_id = ticket.id
              AND ticket_scope.created_at = ticket.created_at
              AND ticket_scope.locality_id = $1::VARCHAR
              AND ticket_scope.path = t0.path
              AND ticket.locality_id = $1::VARCHAR
              AND ticket.locality_id = $2::VARCHAR
              AND ((ticket.unit_path ^@ ANY ($3::TEXT[])) OR (ticket.handler_path ^@ ANY ($3::TEXT[])) OR ticket.reporter_id = $4::UUID OR coalesce(ticket.joint_scopes && $3::TEXT[], false))
              LIMIT 500001) AS anon_5) END RETURNING json) AS anon_3
        FROM (SELECT 1 AS none) AS anon_6),
      'open' VALUE (SELECT JSON_OBJECT(
          'totalCount' VALUE CASE WHEN ($1::VARCHAR = $2::VARCHAR
            AND (t0.path ^@ ANY ($3::TEXT[]))) THEN (SELECT nullif(count(*), 500001) AS nullif_3
            FROM (SELECT 1 AS one
              FROM ticket_scope
              WHERE ticket_scope.locality_id = $1::VARCHAR
              AND ticket_scope.path = t0.path
              AND ticket_scope.open
              LIMIT 500001) AS anon_8) ELSE (SELECT nullif(count(*), 500001) AS nullif_4
            FROM (SELECT 1 AS one
              FROM ticket, ticket_scope
              WHERE ticket_scope.ticket_id = ticket.id
              AND ticket_scope.created_at = ticket.created_at
              AND ticket_scope.locality_id = $1::VARCHAR
              AND ticket_scope.path = t0.path
              AND ticket_scope.open
              AND ticket.locality_id = $1::VARCHAR
              AND ticket.locality_id = $2::VARCHAR
              AND ((ticket.unit_path ^@ ANY ($3::TEXT[])) OR (ticket.handler_path ^@ ANY ($3::TEXT[])) OR ticket.reporter_id = $4::UUID OR coalesce(ticket.joint_scopes && $3::TEXT[], false))
              LIMIT 500001) AS anon_9) END RETURNING json) AS anon_7
        FROM (SELECT 1 AS none) AS anon_10),
      'here' VALUE (SELECT JSON_OBJECT(
          'totalCount' VALUE (SELECT nullif(count(*), 500001) AS nullif_5
            FROM (SELECT 1 AS one
              FROM service_record
              WHERE service_record.unit_path = t0.path
              AND service_record.locality_id = $1::VARCHAR
              AND (service_record.locality_id = $2::VARCHAR
                AND ((service_record.unit_path ^@ ANY ($3::TEXT[])) OR (service_record.handler_path ^@ ANY ($3::TEXT[])) OR service_record.recipient_id = $4::UUID OR coalesce(service_record.joint_scopes && $3::TEXT[], false)) OR service_record.locality_id = $2::VARCHAR
                AND service_record.person_id = $4::UUID)
              LIMIT 500001) AS anon_12) RETURNING json) AS anon_11
        FROM (SELECT 1 AS none) AS anon_13),
      'below' VALUE (SELECT JSON_OBJECT(
          'totalCount' VALUE (SELECT nullif(count(*), 500001) AS nullif_6
            FROM (SELECT 1 AS one
              FROM service_record
              WHERE service_record.unit_path >= t0.path
              AND service_record.unit_path < (t0.path || '~')
              AND length(service_record.unit_path) = length(t0.path) + $5::INTEGER
              AND service_record.locality_id = $1::VARCHAR
              AND (service_record.locality_id = $2::VARCHAR
                AND ((service_record.unit_path ^@ ANY ($3::TEXT[])) OR (service_record.handler_path ^@ ANY ($3::TEXT[])) OR service_record.recipient_id = $4::UUID OR coalesce(service_record.joint_scopes && $3::TEXT[], false)) OR service_record.locality_id = $2::VARCHAR
                AND service_record.person_id = $4::UUID)
              LIMIT 500001) AS anon_15) RETURNING json) AS anon_14
        FROM (SELECT 1 AS none) AS anon_16) RETURNING json) AS anon_2
    FROM (SELECT org_unit.path AS path
      FROM org_unit
      WHERE org_unit.valid_from <= CURRENT_DATE
      AND org_unit.valid_to > CURRENT_DATE
      AND org_unit.id = $6::UUID
      AND org_unit.locality_id = $1::VARCHAR) AS t0) RETURNING json) AS anon_1
-- $1 = Slot(path=('id',))
-- $2 = FromScope(name='locality')
-- $3 = FromScope(name='prefixes')
-- $4 = FromScope(name='person')
-- $5 = Fixed(value=4)
-- $6 = Slot(path=('id',))
