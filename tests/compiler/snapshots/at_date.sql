SELECT JSON_OBJECT(
  'orgUnit' VALUE (SELECT JSON_OBJECT(
      'code' VALUE t0.code,
      'children' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
              'code' VALUE t1.code,
              'validFrom' VALUE nullif(t1.valid_from, '-infinity'::date),
              'validTo' VALUE nullif(t1.valid_to, 'infinity'::date),
              'posts' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                      'title' VALUE t2.title,
                      'holder' VALUE (SELECT JSON_OBJECT(
                          'name' VALUE t3.name RETURNING json) AS anon_3
                        FROM (SELECT person.name AS name
                          FROM person
                          WHERE person.id = (SELECT appointment.person_id
                            FROM appointment
                            WHERE appointment.locality_id = $1::VARCHAR
                            AND appointment.post_id = t2.id
                            AND appointment.capacity = $2::VARCHAR
                            AND appointment.valid_from <= $3::DATE
                            AND appointment.valid_to > $3::DATE
                            ORDER BY appointment.valid_from DESC, appointment.id
                            LIMIT $4::INTEGER)
                          AND person.locality_id = $1::VARCHAR
                          AND (person.published OR person.locality_id = $5::VARCHAR
                            AND ((person.unit_path ^@ ANY ($6::TEXT[])) OR person.id = $7::UUID))) AS t3) RETURNING json)), '[]'::json) AS coalesce_2
                FROM (SELECT post.title AS title, post.id AS id
                  FROM post
                  WHERE post.unit_id = t1.id
                  AND post.locality_id = $1::VARCHAR
                  ORDER BY post.position, post.id) AS t2),
              'children' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                      'code' VALUE t4.code RETURNING json)), '[]'::json) AS coalesce_3
                FROM (SELECT org_unit.code AS code
                  FROM org_unit
                  WHERE org_unit.valid_from <= $8::DATE
                  AND org_unit.valid_to > $8::DATE
                  AND org_unit.parent_id = t1.id
                  AND org_unit.locality_id = $1::VARCHAR
                  ORDER BY org_unit.position, org_unit.id) AS t4) RETURNING json)), '[]'::json) AS coalesce_1
        FROM (SELECT org_unit.code AS code, org_unit.valid_from AS valid_from, org_unit.valid_to AS valid_to, org_unit.id AS id
          FROM org_unit
          WHERE org_unit.valid_from <= $3::DATE
          AND org_unit.valid_to > $3::DATE
          AND org_unit.parent_id = t0.id
          AND org_unit.locality_id = $1::VARCHAR
          ORDER BY org_unit.position, org_unit.id) AS t1),
      'today' VALUE (SELECT JSON_OBJECT(
          'code' VALUE t5.code RETURNING json) AS anon_4
        FROM (SELECT org_unit.code AS code
          FROM org_unit
          WHERE org_unit.id = t0.parent_id
          AND org_unit.locality_id = $1::VARCHAR) AS t5) RETURNING json) AS anon_2
    FROM (SELECT org_unit.code AS code, org_unit.id AS id, org_unit.parent_id AS parent_id
      FROM org_unit
      WHERE org_unit.valid_from <= $3::DATE
      AND org_unit.valid_to > $3::DATE
      AND org_unit.id = $9::UUID
      AND org_unit.locality_id = $1::VARCHAR) AS t0) RETURNING json) AS anon_1
-- $1 = Slot(path=('id',))
-- $2 = Fixed(value=<Capacity.HOLDER: 'HOLDER'>)
-- $3 = Slot(path=('day',))
-- $4 = Fixed(value=1)
-- $5 = FromScope(name='locality')
-- $6 = FromScope(name='prefixes')
-- $7 = FromScope(name='person')
-- $8 = Fixed(value=datetime.date(2999, 1, 1))
-- $9 = Slot(path=('id',))
