SELECT JSON_OBJECT(
  'division' VALUE (SELECT JSON_OBJECT(
      'name' VALUE t0.name,
      'level' VALUE t0.level,
      'ancestors' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
              'code' VALUE t1.code,
              'name' VALUE t1.name RETURNING json)), '[]'::json) AS coalesce_1
        FROM (SELECT division.code AS code, division.name AS name
          FROM division
          WHERE division.code = ANY (array((SELECT rpad(part, $1::INTEGER, $2::VARCHAR) AS rpad_1
                FROM unnest(string_to_array(t0.path, $3::VARCHAR)) AS part)))
          AND division.code != t0.code
          ORDER BY division.path) AS t1),
      'children' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
              'code' VALUE t2.code,
              'name' VALUE t2.name,
              'validTo' VALUE nullif(t2.valid_to, 'infinity'::date) RETURNING json)), '[]'::json) AS coalesce_2
        FROM (SELECT division.code AS code, division.name AS name, division.valid_to AS valid_to
          FROM division
          WHERE division.parent_code = t0.code
          ORDER BY division.code) AS t2),
      'orgUnits' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
              'code' VALUE t3.code,
              'locality' VALUE (SELECT JSON_OBJECT(
                  'slug' VALUE t4.id RETURNING json) AS anon_3
                FROM (SELECT locality.id AS id
                  FROM locality
                  WHERE locality.id = t3.locality_id) AS t4) RETURNING json)), '[]'::json) AS coalesce_3
        FROM (SELECT org_unit.locality_id AS locality_id, org_unit.code AS code
          FROM org_unit
          WHERE org_unit.division_code = t0.code
          AND org_unit.valid_from <= CURRENT_DATE
          AND org_unit.valid_to > CURRENT_DATE
          ORDER BY org_unit.locality_id, org_unit.path) AS t3) RETURNING json) AS anon_2
    FROM (SELECT division.name AS name, division.level AS level, division.path AS path, division.code AS code
      FROM division
      WHERE division.code = $4::VARCHAR) AS t0) RETURNING json) AS anon_1
-- $1 = Fixed(value=12)
-- $2 = Fixed(value='0')
-- $3 = Fixed(value='/')
-- $4 = Slot(path=('code',))
