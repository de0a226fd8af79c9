SELECT JSON_OBJECT(
  'orgUnit' VALUE (SELECT JSON_OBJECT(
      'name' VALUE t0.name,
      'tree' VALUE t0.tree RETURNING json) AS anon_2
    FROM (SELECT org_unit.name AS name, org_unit.tree AS tree
      FROM org_unit
      WHERE org_unit.valid_from <= CURRENT_DATE
      AND org_unit.valid_to > CURRENT_DATE
      AND org_unit.id = $1::UUID
      AND org_unit.locality_id = $2::VARCHAR) AS t0) RETURNING json) AS anon_1
-- $1 = Slot(path=('id',))
-- $2 = Slot(path=('id',))
