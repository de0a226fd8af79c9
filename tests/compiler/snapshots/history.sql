SELECT JSON_OBJECT(
  'ticketByNumber' VALUE (SELECT JSON_OBJECT(
      'number' VALUE t0.number,
      'events' VALUE (SELECT JSON_OBJECT(
          'nodes' VALUE coalesce(anon_4.l0, '[]'::json),
          'pageInfo' VALUE JSON_OBJECT(
            'hasPreviousPage' VALUE anon_4.rows > $1::INTEGER RETURNING json) RETURNING json) AS anon_3
        FROM (SELECT json_agg(JSON_OBJECT(
              'sequence' VALUE t1.sequence,
              'verb' VALUE t1.verb,
              'fromStatus' VALUE t1.from_status,
              'toStatus' VALUE t1.to_status,
              'at' VALUE t1.at,
              'note' VALUE t1.note,
              'actor' VALUE (SELECT JSON_OBJECT(
                  'name' VALUE t2.name RETURNING json) AS anon_5
                FROM (SELECT person.name AS name
                  FROM person
                  WHERE person.id = t1.actor_id
                  AND person.locality_id = $2::VARCHAR
                  AND (person.published OR person.locality_id = $3::VARCHAR
                    AND ((person.unit_path ^@ ANY ($4::TEXT[])) OR person.id = $5::UUID))) AS t2) RETURNING json)
            ORDER BY t1.page_row DESC) FILTER (WHERE t1.page_row <= $6::INTEGER) AS l0, array_agg(t1.sequence
            ORDER BY t1.page_row DESC) FILTER (WHERE t1.page_row <= $7::INTEGER) AS k0, count(*) AS rows
          FROM (SELECT anon_6.sequence AS sequence, anon_6.verb AS verb, anon_6.from_status AS from_status, anon_6.to_status AS to_status, anon_6.at AS at, anon_6.note AS note, anon_6.actor_id AS actor_id, row_number() OVER () AS page_row
            FROM (SELECT ticket_event.sequence AS sequence, ticket_event.verb AS verb, ticket_event.from_status AS from_status, ticket_event.to_status AS to_status, ticket_event.at AS at, ticket_event.note AS note, ticket_event.actor_id AS actor_id
              FROM ticket_event
              WHERE ticket_event.ticket_id = t0.id
              AND ticket_event.locality_id = $2::VARCHAR
              AND ticket_event.locality_id = $3::VARCHAR
              AND ((ticket_event.unit_path ^@ ANY ($4::TEXT[])) OR (ticket_event.handler_path ^@ ANY ($4::TEXT[])) OR ticket_event.reporter_id = $5::UUID OR coalesce(ticket_event.joint_scopes && $4::TEXT[], false))
              ORDER BY ticket_event.sequence DESC
              LIMIT $8::INTEGER) AS anon_6) AS t1) AS anon_4),
      'nextHop' VALUE CASE WHEN (t0.next_route IS NOT NULL) THEN JSON_OBJECT(
        'route' VALUE t0.next_route,
        'rule' VALUE t0.next_rule,
        'dueAt' VALUE t0.next_due_at,
        'toUnit' VALUE (SELECT JSON_OBJECT(
            'code' VALUE t3.code RETURNING json) AS anon_7
          FROM (SELECT org_unit.code AS code
            FROM org_unit
            WHERE org_unit.id = t0.next_unit_id
            AND org_unit.locality_id = $2::VARCHAR) AS t3) RETURNING json) ELSE NULL END RETURNING json) AS anon_2
    FROM (SELECT ticket.number AS number, ticket.id AS id, ticket.next_route AS next_route, ticket.next_rule AS next_rule, ticket.next_due_at AS next_due_at, ticket.next_unit_id AS next_unit_id
      FROM ticket
      WHERE ticket.number = upper(btrim($9::VARCHAR, $10::VARCHAR))
      AND ticket.locality_id = $2::VARCHAR
      AND ticket.locality_id = $3::VARCHAR
      AND ((ticket.unit_path ^@ ANY ($4::TEXT[])) OR (ticket.handler_path ^@ ANY ($4::TEXT[])) OR ticket.reporter_id = $5::UUID OR coalesce(ticket.joint_scopes && $4::TEXT[], false))) AS t0) RETURNING json) AS anon_1
-- $1 = Fixed(value=2)
-- $2 = FromScope(name='locality')
-- $3 = FromScope(name='locality')
-- $4 = FromScope(name='prefixes')
-- $5 = FromScope(name='person')
-- $6 = Fixed(value=2)
-- $7 = Fixed(value=2)
-- $8 = Fixed(value=2)
-- $9 = Slot(path=('number',))
-- $10 = Fixed(value=' \u3000')
