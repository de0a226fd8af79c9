SELECT JSON_OBJECT(
  'ticket' VALUE (SELECT JSON_OBJECT(
      'id' VALUE 'ticket_' || CAST($1::VARCHAR AS TEXT) || '_' || CAST(t0.id AS TEXT),
      'number' VALUE t0.number,
      'title' VALUE t0.title,
      'status' VALUE t0.status,
      'severity' VALUE t0.severity,
      'createdAt' VALUE t0.created_at,
      'dueAt' VALUE t0.due_at,
      'orgUnit' VALUE (SELECT JSON_OBJECT(
          'name' VALUE t1.name,
          'level' VALUE (SELECT JSON_OBJECT(
              'name' VALUE t2.name RETURNING json) AS anon_4
            FROM (SELECT level.name AS name
              FROM level
              WHERE level.code = t1.level_code
              AND level.locality_id = $1::VARCHAR) AS t2),
          'ancestors' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                  'name' VALUE t3.name,
                  'level' VALUE (SELECT JSON_OBJECT(
                      'name' VALUE t4.name,
                      'kind' VALUE t4.kind RETURNING json) AS anon_5
                    FROM (SELECT level.name AS name, level.kind AS kind
                      FROM level
                      WHERE level.code = t3.level_code
                      AND level.locality_id = $1::VARCHAR) AS t4) RETURNING json)), '[]'::json) AS coalesce_1
            FROM (SELECT org_unit.name AS name, org_unit.level_code AS level_code
              FROM org_unit
              WHERE org_unit.path = ANY (array((SELECT left(t1.path, step * 4) AS left_1
                    FROM generate_series($2::INTEGER, length(t1.path) / 4) AS step)))
              AND org_unit.path != t1.path
              AND org_unit.locality_id = $1::VARCHAR
              ORDER BY org_unit.path) AS t3) RETURNING json) AS anon_3
        FROM (SELECT org_unit.name AS name, org_unit.level_code AS level_code, org_unit.path AS path
          FROM org_unit
          WHERE org_unit.id = t0.unit_id
          AND org_unit.locality_id = $1::VARCHAR) AS t1),
      'escalationChain' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
              'sequence' VALUE t5.sequence,
              'route' VALUE t5.route,
              'reason' VALUE t5.reason,
              'rule' VALUE t5.rule,
              'at' VALUE t5.at,
              'dueAt' VALUE t5.due_at,
              'leftAt' VALUE t5.left_at,
              'fromUnit' VALUE (SELECT JSON_OBJECT(
                  'name' VALUE t6.name RETURNING json) AS anon_6
                FROM (SELECT org_unit.name AS name
                  FROM org_unit
                  WHERE org_unit.id = t5.from_unit_id
                  AND org_unit.locality_id = $1::VARCHAR) AS t6),
              'toUnit' VALUE (SELECT JSON_OBJECT(
                  'name' VALUE t7.name,
                  'posts' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                          'title' VALUE t8.title,
                          'holder' VALUE (SELECT JSON_OBJECT(
                              'name' VALUE t9.name RETURNING json) AS anon_8
                            FROM (SELECT person.name AS name
                              FROM person
                              WHERE person.id = (SELECT appointment.person_id
                                FROM appointment
                                WHERE appointment.locality_id = $1::VARCHAR
                                AND appointment.post_id = t8.id
                                AND appointment.capacity = $3::VARCHAR
                                AND appointment.valid_from <= CURRENT_DATE
                                AND appointment.valid_to > CURRENT_DATE
                                ORDER BY appointment.valid_from DESC, appointment.id
                                LIMIT $4::INTEGER)
                              AND person.locality_id = $1::VARCHAR
                              AND (person.published OR person.locality_id = $5::VARCHAR
                                AND ((person.unit_path ^@ ANY ($6::TEXT[])) OR person.id = $7::UUID))) AS t9),
                          'cover' VALUE (SELECT JSON_OBJECT(
                              'name' VALUE t10.name RETURNING json) AS anon_9
                            FROM (SELECT person.name AS name
                              FROM person
                              WHERE person.id = (SELECT appointment.person_id
                                FROM appointment
                                WHERE appointment.locality_id = $1::VARCHAR
                                AND appointment.post_id = t8.id
                                AND appointment.capacity = $8::VARCHAR
                                AND appointment.valid_from <= CURRENT_DATE
                                AND appointment.valid_to > CURRENT_DATE
                                ORDER BY appointment.valid_from DESC, appointment.id
                                LIMIT $9::INTEGER)
                              AND person.locality_id = $1::VARCHAR
                              AND (person.published OR person.locality_id = $5::VARCHAR
                                AND ((person.unit_path ^@ ANY ($6::TEXT[])) OR person.id = $7::UUID))) AS t10) RETURNING json)), '[]'::json) AS coalesce_3
                    FROM (SELECT post.title AS title, post.id AS id
                      FROM post
                      WHERE post.unit_id = t7.id
                      AND post.locality_id = $1::VARCHAR
                      ORDER BY post.position, post.id) AS t8) RETURNING json) AS anon_7
                FROM (SELECT org_unit.name AS name, org_unit.id AS id
                  FROM org_unit
                  WHERE org_unit.id = t5.to_unit_id
                  AND org_unit.locality_id = $1::VARCHAR) AS t7) RETURNING json)), '[]'::json) AS coalesce_2
        FROM (SELECT escalation_hop.sequence AS sequence, escalation_hop.route AS route, escalation_hop.reason AS reason, escalation_hop.rule AS rule, escalation_hop.at AS at, escalation_hop.due_at AS due_at, escalation_hop.left_at AS left_at, escalation_hop.from_unit_id AS from_unit_id, escalation_hop.to_unit_id AS to_unit_id
          FROM escalation_hop
          WHERE escalation_hop.ticket_id = t0.id
          AND escalation_hop.locality_id = $1::VARCHAR
          AND escalation_hop.locality_id = $5::VARCHAR
          AND ((escalation_hop.unit_path ^@ ANY ($6::TEXT[])) OR (escalation_hop.handler_path ^@ ANY ($6::TEXT[])) OR escalation_hop.reporter_id = $7::UUID OR coalesce(escalation_hop.joint_scopes && $6::TEXT[], false))
          ORDER BY escalation_hop.sequence) AS t5),
      'nextHop' VALUE CASE WHEN (t0.next_route IS NOT NULL) THEN JSON_OBJECT(
        'route' VALUE t0.next_route,
        'rule' VALUE t0.next_rule,
        'dueAt' VALUE t0.next_due_at,
        'toUnit' VALUE (SELECT JSON_OBJECT(
            'name' VALUE t11.name,
            'posts' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                    'title' VALUE t12.title,
                    'holder' VALUE (SELECT JSON_OBJECT(
                        'name' VALUE t13.name RETURNING json) AS anon_11
                      FROM (SELECT person.name AS name
                        FROM person
                        WHERE person.id = (SELECT appointment.person_id
                          FROM appointment
                          WHERE appointment.locality_id = $1::VARCHAR
                          AND appointment.post_id = t12.id
                          AND appointment.capacity = $10::VARCHAR
                          AND appointment.valid_from <= CURRENT_DATE
                          AND appointment.valid_to > CURRENT_DATE
                          ORDER BY appointment.valid_from DESC, appointment.id
                          LIMIT $11::INTEGER)
                        AND person.locality_id = $1::VARCHAR
                        AND (person.published OR person.locality_id = $5::VARCHAR
                          AND ((person.unit_path ^@ ANY ($6::TEXT[])) OR person.id = $7::UUID))) AS t13) RETURNING json)), '[]'::json) AS coalesce_4
              FROM (SELECT post.title AS title, post.id AS id
                FROM post
                WHERE post.unit_id = t11.id
                AND post.locality_id = $1::VARCHAR
                ORDER BY post.position, post.id) AS t12) RETURNING json) AS anon_10
          FROM (SELECT org_unit.name AS name, org_unit.id AS id
            FROM org_unit
            WHERE org_unit.id = t0.next_unit_id
            AND org_unit.locality_id = $1::VARCHAR) AS t11) RETURNING json) ELSE NULL END,
      'serviceRecords' VALUE (SELECT JSON_OBJECT(
          'nodes' VALUE coalesce(anon_13.l0, '[]'::json) RETURNING json) AS anon_12
        FROM (SELECT json_agg(JSON_OBJECT(
              'kind' VALUE t14.kind,
              'at' VALUE t14.at,
              'person' VALUE (SELECT JSON_OBJECT(
                  'name' VALUE t15.name RETURNING json) AS anon_14
                FROM (SELECT person.name AS name
                  FROM person
                  WHERE person.id = t14.person_id
                  AND person.locality_id = $1::VARCHAR
                  AND (person.published OR person.locality_id = $5::VARCHAR
                    AND ((person.unit_path ^@ ANY ($6::TEXT[])) OR person.id = $7::UUID))) AS t15),
              'note' VALUE t14.note RETURNING json)) AS l0
          FROM (SELECT service_record.kind AS kind, service_record.at AS at, service_record.person_id AS person_id, service_record.note AS note
            FROM service_record
            WHERE service_record.ticket_id = t0.id
            AND service_record.locality_id = $1::VARCHAR
            AND (service_record.locality_id = $5::VARCHAR
              AND ((service_record.unit_path ^@ ANY ($6::TEXT[])) OR (service_record.handler_path ^@ ANY ($6::TEXT[])) OR service_record.recipient_id = $7::UUID OR coalesce(service_record.joint_scopes && $6::TEXT[], false)) OR service_record.locality_id = $5::VARCHAR
              AND service_record.person_id = $7::UUID)
            ORDER BY service_record.at DESC, service_record.id DESC
            LIMIT $12::INTEGER) AS t14) AS anon_13) RETURNING json) AS anon_2
    FROM (SELECT ticket.id AS id, ticket.number AS number, ticket.title AS title, ticket.status AS status, ticket.severity AS severity, ticket.created_at AS created_at, ticket.due_at AS due_at, ticket.unit_id AS unit_id, ticket.next_route AS next_route, ticket.next_rule AS next_rule, ticket.next_due_at AS next_due_at, ticket.next_unit_id AS next_unit_id
      FROM ticket
      WHERE ticket.id = $13::UUID
      AND ticket.locality_id = $1::VARCHAR
      AND ticket.locality_id = $5::VARCHAR
      AND ((ticket.unit_path ^@ ANY ($6::TEXT[])) OR (ticket.handler_path ^@ ANY ($6::TEXT[])) OR ticket.reporter_id = $7::UUID OR coalesce(ticket.joint_scopes && $6::TEXT[], false))) AS t0) RETURNING json) AS anon_1
-- $1 = Slot(path=('id',))
-- $2 = Fixed(value=1)
-- $3 = Fixed(value=<Capacity.HOLDER: 'HOLDER'>)
-- $4 = Fixed(value=1)
-- $5 = FromScope(name='locality')
-- $6 = FromScope(name='prefixes')
-- $7 = FromScope(name='person')
-- $8 = Fixed(value=<Capacity.COVER: 'COVER'>)
-- $9 = Fixed(value=1)
-- $10 = Fixed(value=<Capacity.HOLDER: 'HOLDER'>)
-- $11 = Fixed(value=1)
-- $12 = Fixed(value=10)
-- $13 = Slot(path=('id',))
