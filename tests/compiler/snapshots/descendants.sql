SELECT JSON_OBJECT(
  'orgUnit' VALUE (SELECT JSON_OBJECT(
      'descendants' VALUE (SELECT JSON_OBJECT(
          'nodes' VALUE coalesce(anon_4.l0, '[]'::json),
          'totalCount' VALUE (SELECT nullif(count(*), 500001) AS nullif_1
            FROM (SELECT 1 AS one
              FROM org_unit
              WHERE org_unit.valid_from <= CURRENT_DATE
              AND org_unit.valid_to > CURRENT_DATE
              AND org_unit.path >= t0.path
              AND org_unit.path < (t0.path || '~')
              AND org_unit.path != t0.path
              AND length(org_unit.path) / 4 - length(t0.path) / 4 <= $1::INTEGER
              AND org_unit.locality_id = $2::VARCHAR
              LIMIT 500001) AS anon_5) RETURNING json) AS anon_3
        FROM (SELECT json_agg(JSON_OBJECT(
              'id' VALUE 'unit_' || CAST($2::VARCHAR AS TEXT) || '_' || CAST(t1.id AS TEXT),
              'parentId' VALUE 'unit_' || CAST($2::VARCHAR AS TEXT) || '_' || CAST(t1.parent_id AS TEXT),
              'depth' VALUE length(t1.path) / 4,
              'name' VALUE t1.name RETURNING json)) AS l0
          FROM (SELECT org_unit.id AS id, org_unit.parent_id AS parent_id, org_unit.path AS path, org_unit.name AS name
            FROM org_unit
            WHERE org_unit.valid_from <= CURRENT_DATE
            AND org_unit.valid_to > CURRENT_DATE
            AND org_unit.path >= t0.path
            AND org_unit.path < (t0.path || '~')
            AND org_unit.path != t0.path
            AND length(org_unit.path) / 4 - length(t0.path) / 4 <= $1::INTEGER
            AND org_unit.locality_id = $2::VARCHAR
            ORDER BY org_unit.name, org_unit.id
            LIMIT $3::INTEGER) AS t1) AS anon_4) RETURNING json) AS anon_2
    FROM (SELECT org_unit.path AS path
      FROM org_unit
      WHERE org_unit.valid_from <= CURRENT_DATE
      AND org_unit.valid_to > CURRENT_DATE
      AND org_unit.id = $4::UUID
      AND org_unit.locality_id = $2::VARCHAR) AS t0) RETURNING json) AS anon_1
-- $1 = Slot(path=('depth',))
-- $2 = Slot(path=('id',))
-- $3 = Fixed(value=1000)
-- $4 = Slot(path=('id',))
