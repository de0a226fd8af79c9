SELECT JSON_OBJECT(
  'orgUnit' VALUE (SELECT JSON_OBJECT(
      'id' VALUE 'unit_' || CAST($1::VARCHAR AS TEXT) || '_' || CAST(t0.id AS TEXT),
      'name' VALUE t0.name,
      'code' VALUE t0.code,
      'level' VALUE (SELECT JSON_OBJECT(
          'name' VALUE t1.name,
          'kind' VALUE t1.kind RETURNING json) AS anon_3
        FROM (SELECT level.name AS name, level.kind AS kind
          FROM level
          WHERE level.code = t0.level_code
          AND level.locality_id = $1::VARCHAR) AS t1),
      'posts' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
              'title' VALUE t2.title,
              'kind' VALUE t2.kind,
              'holder' VALUE (SELECT JSON_OBJECT(
                  'name' VALUE t3.name RETURNING json) AS anon_4
                FROM (SELECT person.name AS name
                  FROM person
                  WHERE person.id = (SELECT appointment.person_id
                    FROM appointment
                    WHERE appointment.locality_id = $1::VARCHAR
                    AND appointment.post_id = t2.id
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
                    AND appointment.post_id = t2.id
                    AND appointment.capacity = $7::VARCHAR
                    AND appointment.valid_from <= CURRENT_DATE
                    AND appointment.valid_to > CURRENT_DATE
                    ORDER BY appointment.valid_from DESC, appointment.id
                    LIMIT $8::INTEGER)
                  AND person.locality_id = $1::VARCHAR
                  AND (person.published OR person.locality_id = $4::VARCHAR
                    AND ((person.unit_path ^@ ANY ($5::TEXT[])) OR person.id = $6::UUID))) AS t4) RETURNING json)), '[]'::json) AS coalesce_1
        FROM (SELECT post.title AS title, post.kind AS kind, post.id AS id
          FROM post
          WHERE post.unit_id = t0.id
          AND post.locality_id = $1::VARCHAR
          ORDER BY post.position, post.id) AS t2),
      'children' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
              'id' VALUE 'unit_' || CAST($1::VARCHAR AS TEXT) || '_' || CAST(t5.id AS TEXT),
              'name' VALUE t5.name,
              'code' VALUE t5.code,
              'level' VALUE (SELECT JSON_OBJECT(
                  'name' VALUE t6.name,
                  'kind' VALUE t6.kind RETURNING json) AS anon_6
                FROM (SELECT level.name AS name, level.kind AS kind
                  FROM level
                  WHERE level.code = t5.level_code
                  AND level.locality_id = $1::VARCHAR) AS t6),
              'posts' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                      'title' VALUE t7.title,
                      'kind' VALUE t7.kind,
                      'holder' VALUE (SELECT JSON_OBJECT(
                          'name' VALUE t8.name RETURNING json) AS anon_7
                        FROM (SELECT person.name AS name
                          FROM person
                          WHERE person.id = (SELECT appointment.person_id
                            FROM appointment
                            WHERE appointment.locality_id = $1::VARCHAR
                            AND appointment.post_id = t7.id
                            AND appointment.capacity = $9::VARCHAR
                            AND appointment.valid_from <= CURRENT_DATE
                            AND appointment.valid_to > CURRENT_DATE
                            ORDER BY appointment.valid_from DESC, appointment.id
                            LIMIT $10::INTEGER)
                          AND person.locality_id = $1::VARCHAR
                          AND (person.published OR person.locality_id = $4::VARCHAR
                            AND ((person.unit_path ^@ ANY ($5::TEXT[])) OR person.id = $6::UUID))) AS t8),
                      'cover' VALUE (SELECT JSON_OBJECT(
                          'name' VALUE t9.name RETURNING json) AS anon_8
                        FROM (SELECT person.name AS name
                          FROM person
                          WHERE person.id = (SELECT appointment.person_id
                            FROM appointment
                            WHERE appointment.locality_id = $1::VARCHAR
                            AND appointment.post_id = t7.id
                            AND appointment.capacity = $11::VARCHAR
                            AND appointment.valid_from <= CURRENT_DATE
                            AND appointment.valid_to > CURRENT_DATE
                            ORDER BY appointment.valid_from DESC, appointment.id
                            LIMIT $12::INTEGER)
                          AND person.locality_id = $1::VARCHAR
                          AND (person.published OR person.locality_id = $4::VARCHAR
                            AND ((person.unit_path ^@ ANY ($5::TEXT[])) OR person.id = $6::UUID))) AS t9) RETURNING json)), '[]'::json) AS coalesce_3
                FROM (SELECT post.title AS title, post.kind AS kind, post.id AS id
                  FROM post
                  WHERE post.unit_id = t5.id
                  AND post.locality_id = $1::VARCHAR
                  ORDER BY post.position, post.id) AS t7),
              'children' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                      'id' VALUE 'unit_' || CAST($1::VARCHAR AS TEXT) || '_' || CAST(t10.id AS TEXT),
                      'name' VALUE t10.name,
                      'code' VALUE t10.code,
                      'level' VALUE (SELECT JSON_OBJECT(
                          'name' VALUE t11.name,
                          'kind' VALUE t11.kind RETURNING json) AS anon_9
                        FROM (SELECT level.name AS name, level.kind AS kind
                          FROM level
                          WHERE level.code = t10.level_code
                          AND level.locality_id = $1::VARCHAR) AS t11),
                      'posts' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                              'title' VALUE t12.title,
                              'kind' VALUE t12.kind,
                              'holder' VALUE (SELECT JSON_OBJECT(
                                  'name' VALUE t13.name RETURNING json) AS anon_10
                                FROM (SELECT person.name AS name
                                  FROM person
                                  WHERE person.id = (SELECT appointment.person_id
                                    FROM appointment
                                    WHERE appointment.locality_id = $1::VARCHAR
                                    AND appointment.post_id = t12.id
                                    AND appointment.capacity = $13::VARCHAR
                                    AND appointment.valid_from <= CURRENT_DATE
                                    AND appointment.valid_to > CURRENT_DATE
                                    ORDER BY appointment.valid_from DESC, appointment.id
                                    LIMIT $14::INTEGER)
                                  AND person.locality_id = $1::VARCHAR
                                  AND (person.published OR person.locality_id = $4::VARCHAR
                                    AND ((person.unit_path ^@ ANY ($5::TEXT[])) OR person.id = $6::UUID))) AS t13),
                              'cover' VALUE (SELECT JSON_OBJECT(
                                  'name' VALUE t14.name RETURNING json) AS anon_11
                                FROM (SELECT person.name AS name
                                  FROM person
                                  WHERE person.id = (SELECT appointment.person_id
                                    FROM appointment
                                    WHERE appointment.locality_id = $1::VARCHAR
                                    AND appointment.post_id = t12.id
                                    AND appointment.capacity = $15::VARCHAR
                                    AND appointment.valid_from <= CURRENT_DATE
                                    AND appointment.valid_to > CURRENT_DATE
                                    ORDER BY appointment.valid_from DESC, appointment.id
                                    LIMIT $16::INTEGER)
                                  AND person.locality_id = $1::VARCHAR
                                  AND (person.published OR person.locality_id = $4::VARCHAR
                                    AND ((person.unit_path ^@ ANY ($5::TEXT[])) OR person.id = $6::UUID))) AS t14) RETURNING json)), '[]'::json) AS coalesce_5
                        FROM (SELECT post.title AS title, post.kind AS kind, post.id AS id
                          FROM post
                          WHERE post.unit_id = t10.id
                          AND post.locality_id = $1::VARCHAR
                          ORDER BY post.position, post.id) AS t12),
                      'children' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                              'id' VALUE 'unit_' || CAST($1::VARCHAR AS TEXT) || '_' || CAST(t15.id AS TEXT),
                              'name' VALUE t15.name,
                              'code' VALUE t15.code,
                              'level' VALUE (SELECT JSON_OBJECT(
                                  'name' VALUE t16.name,
                                  'kind' VALUE t16.kind RETURNING json) AS anon_12
                                FROM (SELECT level.name AS name, level.kind AS kind
                                  FROM level
                                  WHERE level.code = t15.level_code
                                  AND level.locality_id = $1::VARCHAR) AS t16),
                              'posts' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                                      'title' VALUE t17.title,
                                      'kind' VALUE t17.kind,
                                      'holder' VALUE (SELECT JSON_OBJECT(
                                          'name' VALUE t18.name RETURNING json) AS anon_13
                                        FROM (SELECT person.name AS name
                                          FROM person
                                          WHERE person.id = (SELECT appointment.person_id
                                            FROM appointment
                                            WHERE appointment.locality_id = $1::VARCHAR
                                            AND appointment.post_id = t17.id
                                            AND appointment.capacity = $17::VARCHAR
                                            AND appointment.valid_from <= CURRENT_DATE
                                            AND appointment.valid_to > CURRENT_DATE
                                            ORDER BY appointment.valid_from DESC, appointment.id
                                            LIMIT $18::INTEGER)
                                          AND person.locality_id = $1::VARCHAR
                                          AND (person.published OR person.locality_id = $4::VARCHAR
                                            AND ((person.unit_path ^@ ANY ($5::TEXT[])) OR person.id = $6::UUID))) AS t18),
                                      'cover' VALUE (SELECT JSON_OBJECT(
                                          'name' VALUE t19.name RETURNING json) AS anon_14
                                        FROM (SELECT person.name AS name
                                          FROM person
                                          WHERE person.id = (SELECT appointment.person_id
                                            FROM appointment
                                            WHERE appointment.locality_id = $1::VARCHAR
                                            AND appointment.post_id = t17.id
                                            AND appointment.capacity = $19::VARCHAR
                                            AND appointment.valid_from <= CURRENT_DATE
                                            AND appointment.valid_to > CURRENT_DATE
                                            ORDER BY appointment.valid_from DESC, appointment.id
                                            LIMIT $20::INTEGER)
                                          AND person.locality_id = $1::VARCHAR
                                          AND (person.published OR person.locality_id = $4::VARCHAR
                                            AND ((person.unit_path ^@ ANY ($5::TEXT[])) OR person.id = $6::UUID))) AS t19) RETURNING json)), '[]'::json) AS coalesce_7
                                FROM (SELECT post.title AS title, post.kind AS kind, post.id AS id
                                  FROM post
                                  WHERE post.unit_id = t15.id
                                  AND post.locality_id = $1::VARCHAR
                                  ORDER BY post.position, post.id) AS t17) RETURNING json)), '[]'::json) AS coalesce_6
                        FROM (SELECT org_unit.id AS id, org_unit.name AS name, org_unit.code AS code, org_unit.level_code AS level_code
                          FROM org_unit
                          WHERE org_unit.valid_from <= CURRENT_DATE
                          AND org_unit.valid_to > CURRENT_DATE
                          AND org_unit.parent_id = t10.id
                          AND org_unit.locality_id = $1::VARCHAR
                          ORDER BY org_unit.position, org_unit.id) AS t15) RETURNING json)), '[]'::json) AS coalesce_4
                FROM (SELECT org_unit.id AS id, org_unit.name AS name, org_unit.code AS code, org_unit.level_code AS level_code
                  FROM org_unit
                  WHERE org_unit.valid_from <= CURRENT_DATE
                  AND org_unit.valid_to > CURRENT_DATE
                  AND org_unit.parent_id = t5.id
                  AND org_unit.locality_id = $1::VARCHAR
                  ORDER BY org_unit.position, org_unit.id) AS t10) RETURNING json)), '[]'::json) AS coalesce_2
        FROM (SELECT org_unit.id AS id, org_unit.name AS name, org_unit.code AS code, org_unit.level_code AS level_code
          FROM org_unit
          WHERE org_unit.valid_from <= CURRENT_DATE
          AND org_unit.valid_to > CURRENT_DATE
          AND org_unit.parent_id = t0.id
          AND org_unit.locality_id = $1::VARCHAR
          ORDER BY org_unit.position, org_unit.id) AS t5) RETURNING json) AS anon_2
    FROM (SELECT org_unit.id AS id, org_unit.name AS name, org_unit.code AS code, org_unit.level_code AS level_code
      FROM org_unit
      WHERE org_unit.valid_from <= CURRENT_DATE
      AND org_unit.valid_to > CURRENT_DATE
      AND org_unit.id = $21::UUID
      AND org_unit.locality_id = $1::VARCHAR) AS t0) RETURNING json) AS anon_1
-- $1 = Slot(path=('id',))
-- $2 = Fixed(value=<Capacity.HOLDER: 'HOLDER'>)
-- $3 = Fixed(value=1)
-- $4 = FromScope(name='locality')
-- $5 = FromScope(name='prefixes')
-- $6 = FromScope(name='person')
-- $7 = Fixed(value=<Capacity.COVER: 'COVER'>)
-- $8 = Fixed(value=1)
-- $9 = Fixed(value=<Capacity.HOLDER: 'HOLDER'>)
-- $10 = Fixed(value=1)
-- $11 = Fixed(value=<Capacity.COVER: 'COVER'>)
-- $12 = Fixed(value=1)
-- $13 = Fixed(value=<Capacity.HOLDER: 'HOLDER'>)
-- $14 = Fixed(value=1)
-- $15 = Fixed(value=<Capacity.COVER: 'COVER'>)
-- $16 = Fixed(value=1)
-- $17 = Fixed(value=<Capacity.HOLDER: 'HOLDER'>)
-- $18 = Fixed(value=1)
-- $19 = Fixed(value=<Capacity.COVER: 'COVER'>)
-- $20 = Fixed(value=1)
-- $21 = Slot(path=('id',))
