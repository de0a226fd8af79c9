SELECT JSON_OBJECT(
  'orgUnit' VALUE (SELECT JSON_OBJECT(
      'tickets' VALUE (SELECT JSON_OBJECT(
          'edges' VALUE coalesce(anon_4.l0, '[]'::json),
          'pageInfo' VALUE JSON_OBJECT(
            'hasNextPage' VALUE anon_4.rows > $1::INTEGER,
            'endCursor' VALUE CASE WHEN (cardinality(anon_4.k0) > $2::INTEGER) THEN translate(encode(convert_to(concat_ws('|', 'CREATED_AT-', CAST(anon_4.k0[cardinality(anon_4.k0)] AS TEXT), CAST(anon_4.k1[cardinality(anon_4.k0)] AS TEXT)), 'UTF8'), 'base64'), E'+/=\n', '-_') ELSE NULL END RETURNING json) RETURNING json) AS anon_3
        FROM (SELECT json_agg(JSON_OBJECT(
              'cursor' VALUE translate(encode(convert_to(concat_ws('|', 'CREATED_AT-', CAST(t1.created_at AS TEXT), CAST(t1.id AS TEXT)), 'UTF8'), 'base64'), E'+/=\n', '-_'),
              'node' VALUE JSON_OBJECT(
                'id' VALUE 'ticket_' || CAST($3::VARCHAR AS TEXT) || '_' || CAST(t1.id AS TEXT),
                'number' VALUE t1.number,
                'title' VALUE t1.title,
                'status' VALUE t1.status,
                'severity' VALUE t1.severity,
                'createdAt' VALUE t1.created_at,
                'dueAt' VALUE t1.due_at,
                'category' VALUE (SELECT JSON_OBJECT(
                    'name' VALUE t2.name RETURNING json) AS anon_5
                  FROM (SELECT category.name AS name
                    FROM category
                    WHERE category.code = t1.category_code
                    AND category.locality_id = $3::VARCHAR) AS t2),
                'orgUnit' VALUE (SELECT JSON_OBJECT(
                    'name' VALUE t3.name RETURNING json) AS anon_6
                  FROM (SELECT org_unit.name AS name
                    FROM org_unit
                    WHERE org_unit.id = t1.unit_id
                    AND org_unit.locality_id = $3::VARCHAR) AS t3),
                'reporter' VALUE (SELECT JSON_OBJECT(
                    'name' VALUE t4.name RETURNING json) AS anon_7
                  FROM (SELECT person.name AS name
                    FROM person
                    WHERE person.id = t1.reporter_id
                    AND person.locality_id = $3::VARCHAR
                    AND (person.published OR person.locality_id = $4::VARCHAR
                      AND ((person.unit_path ^@ ANY ($5::TEXT[])) OR person.id = $6::UUID))) AS t4) RETURNING json) RETURNING json)) FILTER (WHERE t1.page_row <= $1::INTEGER) AS l0, array_agg(t1.created_at) FILTER (WHERE t1.page_row <= $1::INTEGER) AS k0, array_agg(t1.id) FILTER (WHERE t1.page_row <= $1::INTEGER) AS k1, count(*) AS rows
          FROM (SELECT anon_8.created_at AS created_at, anon_8.id AS id, anon_8.number AS number, anon_8.title AS title, anon_8.status AS status, anon_8.severity AS severity, anon_8.due_at AS due_at, anon_8.category_code AS category_code, anon_8.unit_id AS unit_id, anon_8.reporter_id AS reporter_id, row_number() OVER () AS page_row
            FROM (SELECT ticket.created_at AS created_at, ticket.id AS id, ticket.number AS number, ticket.title AS title, ticket.status AS status, ticket.severity AS severity, ticket.due_at AS due_at, ticket.category_code AS category_code, ticket.unit_id AS unit_id, ticket.reporter_id AS reporter_id
              FROM (SELECT anon_10.created_at AS created_at, anon_10.id AS id
                FROM unnest(array((SELECT DISTINCT unnest($7::TEXT[]) AS unnest_1))) AS wanted(value) JOIN LATERAL (SELECT ticket_scope.created_at AS created_at, ticket_scope.ticket_id AS id
                  FROM ticket_scope
                  WHERE ticket_scope.locality_id = $3::VARCHAR
                  AND ticket_scope.path = t0.path
                  AND ticket_scope.status = wanted.value
                  AND ($3::VARCHAR = $4::VARCHAR
                    AND (t0.path ^@ ANY ($5::TEXT[])) OR (SELECT true AS anon_11
                      FROM ticket
                      WHERE ticket.id = ticket_scope.ticket_id
                      AND ticket.locality_id = $3::VARCHAR
                      AND ticket.locality_id = $4::VARCHAR
                      AND ((ticket.unit_path ^@ ANY ($5::TEXT[])) OR (ticket.handler_path ^@ ANY ($5::TEXT[])) OR ticket.reporter_id = $6::UUID OR coalesce(ticket.joint_scopes && $5::TEXT[], false))))
                  AND (ticket_scope.created_at, ticket_scope.ticket_id) < ($8::TIMESTAMP WITH TIME ZONE, $9::UUID)
                  ORDER BY ticket_scope.created_at DESC, ticket_scope.ticket_id DESC
                  LIMIT $10::INTEGER) AS anon_10 ON true
                ORDER BY anon_10.created_at DESC, anon_10.id DESC
                LIMIT $10::INTEGER) AS anon_9, ticket
              WHERE ticket.id = anon_9.id
              AND ticket.locality_id = $3::VARCHAR
              AND ticket.locality_id = $4::VARCHAR
              AND ((ticket.unit_path ^@ ANY ($5::TEXT[])) OR (ticket.handler_path ^@ ANY ($5::TEXT[])) OR ticket.reporter_id = $6::UUID OR coalesce(ticket.joint_scopes && $5::TEXT[], false))
              ORDER BY anon_9.created_at DESC, anon_9.id DESC) AS anon_8) AS t1) AS anon_4) RETURNING json) AS anon_2
    FROM (SELECT org_unit.path AS path
      FROM org_unit
      WHERE org_unit.valid_from <= CURRENT_DATE
      AND org_unit.valid_to > CURRENT_DATE
      AND org_unit.id = $11::UUID
      AND org_unit.locality_id = $3::VARCHAR) AS t0) RETURNING json) AS anon_1
-- $1 = Slot(path=('first',))
-- $2 = Fixed(value=0)
-- $3 = Slot(path=('id',))
-- $4 = FromScope(name='locality')
-- $5 = FromScope(name='prefixes')
-- $6 = FromScope(name='person')
-- $7 = Slot(path=('status',))
-- $8 = Slot(path=('after',))
-- $9 = Slot(path=('after',))
-- $10 = Slot(path=('first',))
-- $11 = Slot(path=('id',))
