SELECT JSON_OBJECT(
  'viewer' VALUE JSON_OBJECT(
    'person' VALUE (SELECT JSON_OBJECT(
        'name' VALUE t0.name,
        'posts' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                'title' VALUE t1.title,
                'unit' VALUE (SELECT JSON_OBJECT(
                    'name' VALUE t2.name RETURNING json) AS anon_3
                  FROM (SELECT org_unit.name AS name
                    FROM org_unit
                    WHERE org_unit.id = t1.unit_id
                    AND org_unit.locality_id = $1::VARCHAR) AS t2) RETURNING json)), '[]'::json) AS coalesce_1
          FROM (SELECT post.title AS title, post.unit_id AS unit_id
            FROM post
            WHERE post.id IN (SELECT appointment.post_id
              FROM appointment
              WHERE appointment.locality_id = $1::VARCHAR
              AND appointment.person_id = t0.id
              AND appointment.valid_from <= CURRENT_DATE
              AND appointment.valid_to > CURRENT_DATE)
            AND post.locality_id = $1::VARCHAR
            ORDER BY post.unit_path, post.id) AS t1),
        'private' VALUE (SELECT JSON_OBJECT(
            'phone' VALUE CASE WHEN (t3.phone IS NOT NULL) THEN CASE WHEN (length(t3.phone) >= $2::INTEGER) THEN left(t3.phone, $3::INTEGER) || '****' || right(t3.phone, $4::INTEGER) ELSE '****' END ELSE NULL END,
            'address' VALUE CASE WHEN (t3.address IS NOT NULL) THEN CASE WHEN (length(t3.address) >= $5::INTEGER) THEN left(t3.address, $6::INTEGER) || '****' ELSE '****' END ELSE NULL END RETURNING json) AS anon_4
          FROM (SELECT person_private.phone AS phone, person_private.address AS address
            FROM person_private
            WHERE person_private.person_id = t0.id
            AND person_private.locality_id = $1::VARCHAR
            AND person_private.locality_id = $1::VARCHAR
            AND ((person_private.unit_path ^@ ANY ($7::TEXT[])) OR person_private.person_id = $8::UUID)) AS t3),
        'reported' VALUE (SELECT JSON_OBJECT(
            'nodes' VALUE coalesce(anon_6.l0, '[]'::json) RETURNING json) AS anon_5
          FROM (SELECT json_agg(JSON_OBJECT(
                'number' VALUE t4.number RETURNING json)) AS l0
            FROM (SELECT ticket.number AS number
              FROM ticket
              WHERE ticket.reporter_id = t0.id
              AND ticket.locality_id = $1::VARCHAR
              AND ticket.locality_id = $1::VARCHAR
              AND ((ticket.unit_path ^@ ANY ($7::TEXT[])) OR (ticket.handler_path ^@ ANY ($7::TEXT[])) OR ticket.reporter_id = $8::UUID OR coalesce(ticket.joint_scopes && $7::TEXT[], false))
              ORDER BY ticket.created_at DESC, ticket.id DESC
              LIMIT $9::INTEGER) AS t4) AS anon_6) RETURNING json) AS anon_2
      FROM (SELECT person.name AS name, person.id AS id
        FROM person
        WHERE person.id = $8::UUID
        AND person.locality_id = $1::VARCHAR
        AND (person.published OR person.locality_id = $1::VARCHAR
          AND ((person.unit_path ^@ ANY ($7::TEXT[])) OR person.id = $8::UUID))) AS t0),
    'locality' VALUE (SELECT JSON_OBJECT(
        'slug' VALUE t5.id RETURNING json) AS anon_7
      FROM (SELECT locality.id AS id
        FROM locality
        WHERE locality.id = $1::VARCHAR) AS t5) RETURNING json) RETURNING json) AS anon_1
-- $1 = FromScope(name='locality')
-- $2 = Fixed(value=11)
-- $3 = Fixed(value=3)
-- $4 = Fixed(value=4)
-- $5 = Fixed(value=12)
-- $6 = Fixed(value=6)
-- $7 = FromScope(name='prefixes')
-- $8 = FromScope(name='person')
-- $9 = Fixed(value=2)
