SELECT JSON_OBJECT(
  'orgUnit' VALUE (SELECT JSON_OBJECT(
      'coveredBy' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
              'title' VALUE t1.title,
              'kind' VALUE t1.kind,
              'unit' VALUE (SELECT JSON_OBJECT(
                  'code' VALUE t2.code RETURNING json) AS anon_3
                FROM (SELECT org_unit.code AS code
                  FROM org_unit
                  WHERE org_unit.id = t1.unit_id
                  AND org_unit.locality_id = $1::VARCHAR) AS t2),
              'holder' VALUE (SELECT JSON_OBJECT(
                  'name' VALUE t3.name RETURNING json) AS anon_4
                FROM (SELECT person.name AS name
                  FROM person
                  WHERE person.id = (SELECT appointment.person_id
                    FROM appointment
                    WHERE appointment.locality_id = $1::VARCHAR
                    AND appointment.post_id = t1.id
                    AND appointment.capacity = $2::VARCHAR
                    AND appointment.valid_from <= CURRENT_DATE
                    AND appointment.valid_to > CURRENT_DATE
                    ORDER BY appointment.valid_from DESC, appointment.id
                    LIMIT $3::INTEGER)
                  AND person.locality_id = $1::VARCHAR
                  AND (person.published OR person.locality_id = $4::VARCHAR
                    AND ((person.unit_path ^@ ANY ($5::TEXT[])) OR person.id = $6::UUID))) AS t3),
              'cover' VALUE (SELECT JSON_OBJECT(
                  'name' VALUE t4.name RETURNING json) AS anon_5
                FROM (SELECT person.name AS name
                  FROM person
                  WHERE person.id = (SELECT appointment.person_id
                    FROM appointment
                    WHERE appointment.locality_id = $1::VARCHAR
                    AND appointment.post_id = t1.id
                    AND appointment.capacity = $7::VARCHAR
                    AND appointment.valid_from <= CURRENT_DATE
                    AND appointment.valid_to > CURRENT_DATE
                    ORDER BY appointment.valid_from DESC, appointment.id
                    LIMIT $8::INTEGER)
                  AND person.locality_id = $1::VARCHAR
                  AND (person.published OR person.locality_id = $4::VARCHAR
                    AND ((person.unit_path ^@ ANY ($5::TEXT[])) OR person.id = $6::UUID))) AS t4) RETURNING json)), '[]'::json) AS coalesce_1
        FROM (SELECT post.title AS title, post.kind AS kind, post.unit_id AS unit_id, post.id AS id
          FROM post
          WHERE post.unit_path = ANY (array((SELECT left(t0.path, step * 4) AS left_1
                FROM generate_series($9::INTEGER, length(t0.path) / 4) AS step)))
          AND post.kind = ANY ($10::TEXT[])
          AND post.locality_id = $1::VARCHAR
          ORDER BY length(post.unit_path) DESC, post.position, post.id) AS t1) RETURNING json) AS anon_2
    FROM (SELECT org_unit.path AS path
      FROM org_unit
      WHERE org_unit.valid_from <= CURRENT_DATE
      AND org_unit.valid_to > CURRENT_DATE
      AND org_unit.id = $11::UUID
      AND org_unit.locality_id = $1::VARCHAR) AS t0) RETURNING json) AS anon_1
-- $1 = Slot(path=('id',))
-- $2 = Fixed(value=<Capacity.HOLDER: 'HOLDER'>)
-- $3 = Fixed(value=1)
-- $4 = FromScope(name='locality')
-- $5 = FromScope(name='prefixes')
-- $6 = FromScope(name='person')
-- $7 = Fixed(value=<Capacity.COVER: 'COVER'>)
-- $8 = Fixed(value=1)
-- $9 = Fixed(value=1)
-- $10 = Slot(path=('kinds',))
-- $11 = Slot(path=('id',))
