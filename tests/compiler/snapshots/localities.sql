SELECT JSON_OBJECT(
  'localities' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
          'slug' VALUE t0.id,
          'name' VALUE t0.name,
          'timeZone' VALUE t0.time_zone,
          'division' VALUE (SELECT JSON_OBJECT(
              'name' VALUE t1.name RETURNING json) AS anon_2
            FROM (SELECT division.name AS name
              FROM division
              WHERE division.code = t0.division_code) AS t1),
          'profile' VALUE (SELECT JSON_OBJECT(
              'revision' VALUE t2.revision,
              'digest' VALUE t2.digest,
              'body' VALUE t2.body,
              'createdAt' VALUE t2.created_at RETURNING json) AS anon_3
            FROM (SELECT profile_revision.locality_id AS locality_id, profile_revision.revision AS revision, profile_revision.digest AS digest, profile_revision.body AS body, profile_revision.created_at AS created_at
              FROM profile_revision
              WHERE profile_revision.locality_id = t0.id
              AND profile_revision.revision = t0.revision
              AND profile_revision.locality_id = t0.id) AS t2),
          'levels' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                  'code' VALUE t3.code,
                  'name' VALUE t3.name,
                  'kind' VALUE t3.kind,
                  'tree' VALUE t3.tree,
                  'depth' VALUE t3.depth RETURNING json)), '[]'::json) AS coalesce_2
            FROM (SELECT level.locality_id AS locality_id, level.code AS code, level.name AS name, level.kind AS kind, level.tree AS tree, level.depth AS depth
              FROM level
              WHERE level.locality_id = t0.id
              AND level.locality_id = t0.id
              ORDER BY level.tree, level.depth) AS t3),
          'categories' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                  'code' VALUE t4.code,
                  'severity' VALUE t4.severity,
                  'hours' VALUE t4.hours RETURNING json)), '[]'::json) AS coalesce_3
            FROM (SELECT category.locality_id AS locality_id, category.code AS code, category.severity AS severity, category.hours AS hours
              FROM category
              WHERE category.locality_id = t0.id
              AND category.locality_id = t0.id
              ORDER BY category.code) AS t4),
          'roots' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                  'name' VALUE t5.name,
                  'tree' VALUE t5.tree RETURNING json)), '[]'::json) AS coalesce_4
            FROM (SELECT org_unit.locality_id AS locality_id, org_unit.name AS name, org_unit.tree AS tree
              FROM org_unit
              WHERE org_unit.locality_id = t0.id
              AND org_unit.parent_id IS NULL
              AND org_unit.valid_from <= CURRENT_DATE
              AND org_unit.valid_to > CURRENT_DATE
              AND org_unit.locality_id = t0.id
              ORDER BY org_unit.path) AS t5) RETURNING json)), '[]'::json) AS coalesce_1
    FROM (SELECT locality.id AS id, locality.name AS name, locality.time_zone AS time_zone, locality.division_code AS division_code, locality.revision AS revision
      FROM locality
      ORDER BY locality.id) AS t0) RETURNING json) AS anon_1
