SELECT JSON_OBJECT(
  'orgUnit' VALUE (SELECT JSON_OBJECT(
      'name' VALUE t0.name,
      'level' VALUE (SELECT JSON_OBJECT(
          'kind' VALUE t1.kind,
          'name' VALUE t1.name RETURNING json) AS anon_3
        FROM (SELECT level.kind AS kind, level.name AS name
          FROM level
          WHERE level.code = t0.level_code
          AND level.locality_id = $1::VARCHAR) AS t1),
      'id' VALUE 'unit_' || CAST($1::VARCHAR AS TEXT) || '_' || CAST(t0.id AS TEXT),
      'code' VALUE t0.code,
      'above' VALUE (SELECT JSON_OBJECT(
          'name' VALUE t2.name,
          'level' VALUE (SELECT JSON_OBJECT(
              'kind' VALUE t3.kind,
              'name' VALUE t3.name RETURNING json) AS anon_5
            FROM (SELECT level.kind AS kind, level.name AS name
              FROM level
              WHERE level.code = t2.level_code
              AND level.locality_id = $1::VARCHAR) AS t3) RETURNING json) AS anon_4
        FROM (SELECT org_unit.name AS name, org_unit.level_code AS level_code
          FROM org_unit
          WHERE org_unit.id = t0.parent_id
          AND org_unit.locality_id = $1::VARCHAR) AS t2) RETURNING json) AS anon_2
    FROM (SELECT org_unit.name AS name, org_unit.level_code AS level_code, org_unit.id AS id, org_unit.code AS code, org_unit.parent_id AS parent_id
      FROM org_unit
      WHERE org_unit.valid_from <= CURRENT_DATE
      AND org_unit.valid_to > CURRENT_DATE
      AND org_unit.id = $2::UUID
      AND org_unit.locality_id = $1::VARCHAR) AS t0) RETURNING json) AS anon_1
-- $1 = Slot(path=('id',))
-- $2 = Slot(path=('id',))
