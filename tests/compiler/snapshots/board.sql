SELECT JSON_OBJECT(
  'orgUnit' VALUE (SELECT JSON_OBJECT(
      'name' VALUE t0.name,
      'children' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
              'name' VALUE t1.name,
              'tickets' VALUE (SELECT JSON_OBJECT(
                  'nodes' VALUE coalesce(anon_4.l0, '[]'::json) RETURNING json) AS anon_3
                FROM (SELECT json_agg(JSON_OBJECT(
                      'id' VALUE 'ticket_' || CAST($1::VARCHAR AS TEXT) || '_' || CAST(t2.id AS TEXT),
                      'number' VALUE t2.number,
                      'title' VALUE t2.title,
                      'status' VALUE t2.status,
                      'category' VALUE (SELECT JSON_OBJECT(
                          'name' VALUE t3.name RETURNING json) AS anon_5
                        FROM (SELECT category.name AS name
                          FROM category
                          WHERE category.code = t2.category_code
                          AND category.locality_id = $1::VARCHAR) AS t3),
                      'createdAt' VALUE t2.created_at,
                      'reporter' VALUE (SELECT JSON_OBJECT(
                          'name' VALUE t4.name RETURNING json) AS anon_6
                        FROM (SELECT person.name AS name
                          FROM person
                          WHERE person.id = t2.reporter_id
                          AND person.locality_id = $1::VARCHAR
                          AND (person.published OR person.locality_id = $2::VARCHAR
                            AND ((person.unit_path ^@ ANY ($3::TEXT[])) OR person.id = $4::UUID))) AS t4),
                      'serviceRecords' VALUE (SELECT JSON_OBJECT(
                          'nodes' VALUE coalesce(anon_8.l0, '[]'::json) RETURNING json) AS anon_7
                        FROM (SELECT json_agg(JSON_OBJECT(
                              'kind' VALUE t5.kind,
                              'at' VALUE t5.at,
                              'person' VALUE (SELECT JSON_OBJECT(
                                  'name' VALUE t6.name RETURNING json) AS anon_9
                                FROM (SELECT person.name AS name
                                  FROM person
                                  WHERE person.id = t5.person_id
                                  AND person.locality_id = $1::VARCHAR
                                  AND (person.published OR person.locality_id = $2::VARCHAR
                                    AND ((person.unit_path ^@ ANY ($3::TEXT[])) OR person.id = $4::UUID))) AS t6) RETURNING json)) AS l0
                          FROM (SELECT service_record.kind AS kind, service_record.at AS at, service_record.person_id AS person_id
                            FROM service_record
                            WHERE service_record.ticket_id = t2.id
                            AND service_record.locality_id = $1::VARCHAR
                            AND (service_record.locality_id = $2::VARCHAR
                              AND ((service_record.unit_path ^@ ANY ($3::TEXT[])) OR (service_record.handler_path ^@ ANY ($3::TEXT[])) OR service_record.recipient_id = $4::UUID OR coalesce(service_record.joint_scopes && $3::TEXT[], false)) OR service_record.locality_id = $2::VARCHAR
                              AND service_record.person_id = $4::UUID)
                            ORDER BY service_record.at DESC, service_record.id DESC
                            LIMIT $5::INTEGER) AS t5) AS anon_8) RETURNING json)) AS l0
                  FROM (SELECT ticket.id AS id, ticket.number AS number, ticket.title AS title, ticket.status AS status, ticket.category_code AS category_code, ticket.created_at AS created_at, ticket.reporter_id AS reporter_id
                    FROM ticket, ticket_scope
                    WHERE ticket_scope.ticket_id = ticket.id
                    AND ticket_scope.created_at = ticket.created_at
                    AND ticket_scope.locality_id = $1::VARCHAR
                    AND ticket_scope.path = t1.path
                    AND ticket_scope.open
                    AND ticket.locality_id = $1::VARCHAR
                    AND ticket.locality_id = $2::VARCHAR
                    AND ((ticket.unit_path ^@ ANY ($3::TEXT[])) OR (ticket.handler_path ^@ ANY ($3::TEXT[])) OR ticket.reporter_id = $4::UUID OR coalesce(ticket.joint_scopes && $3::TEXT[], false))
                    ORDER BY ticket_scope.created_at DESC, ticket_scope.ticket_id DESC
                    LIMIT $6::INTEGER) AS t2) AS anon_4) RETURNING json)), '[]'::json) AS coalesce_1
        FROM (SELECT org_unit.name AS name, org_unit.path AS path
          FROM org_unit
          WHERE org_unit.valid_from <= CURRENT_DATE
          AND org_unit.valid_to > CURRENT_DATE
          AND org_unit.parent_id = t0.id
          AND org_unit.locality_id = $1::VARCHAR
          ORDER BY org_unit.position, org_unit.id) AS t1) RETURNING json) AS anon_2
    FROM (SELECT org_unit.name AS name, org_unit.id AS id
      FROM org_unit
      WHERE org_unit.valid_from <= CURRENT_DATE
      AND org_unit.valid_to > CURRENT_DATE
      AND org_unit.id = $7::UUID
      AND org_unit.locality_id = $1::VARCHAR) AS t0) RETURNING json) AS anon_1
-- $1 = Slot(path=('id',))
-- $2 = FromScope(name='locality')
-- $3 = FromScope(name='prefixes')
-- $4 = FromScope(name='person')
-- $5 = Fixed(value=3)
-- $6 = Fixed(value=10)
-- $7 = Slot(path=('id',))
