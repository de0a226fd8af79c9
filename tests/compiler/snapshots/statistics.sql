SELECT JSON_OBJECT(
  'locality' VALUE (SELECT JSON_OBJECT(
      'statisticMonths' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
              'month' VALUE t1.month,
              'publishedAt' VALUE t1.published_at RETURNING json)), '[]'::json) AS coalesce_1
        FROM (SELECT statistic_month.locality_id AS locality_id, statistic_month.month AS month, statistic_month.published_at AS published_at
          FROM statistic_month
          WHERE statistic_month.locality_id = t0.id
          ORDER BY statistic_month.month) AS t1),
      'statistics' VALUE (SELECT JSON_OBJECT(
          'nodes' VALUE coalesce(anon_4.l0, '[]'::json),
          'pageInfo' VALUE JSON_OBJECT(
            'hasNextPage' VALUE anon_4.rows > $1::INTEGER,
            'endCursor' VALUE CASE WHEN (cardinality(anon_4.k0) > $2::INTEGER) THEN translate(encode(convert_to(concat_ws('|', 'MONTH-', CAST(anon_4.k0[cardinality(anon_4.k0)] AS TEXT), CAST(anon_4.k1[cardinality(anon_4.k0)] AS TEXT), CAST(anon_4.k2[cardinality(anon_4.k0)] AS TEXT)), 'UTF8'), 'base64'), E'+/=\n', '-_') ELSE NULL END RETURNING json) RETURNING json) AS anon_3
        FROM (SELECT json_agg(JSON_OBJECT(
              'month' VALUE t2.month,
              'orgUnit' VALUE (SELECT JSON_OBJECT(
                  'name' VALUE t3.name RETURNING json) AS anon_5
                FROM (SELECT org_unit.locality_id AS locality_id, org_unit.name AS name
                  FROM org_unit
                  WHERE org_unit.id = t2.unit_id
                  AND org_unit.locality_id = t2.locality_id) AS t3),
              'opened' VALUE t2.opened,
              'closed' VALUE t2.closed,
              'overdue' VALUE t2.overdue,
              'pending' VALUE t2.pending,
              'usualSpan' VALUE t2.usual_span RETURNING json)) FILTER (WHERE t2.page_row <= $3::INTEGER) AS l0, array_agg(t2.month) FILTER (WHERE t2.page_row <= $4::INTEGER) AS k0, array_agg(t2.code) FILTER (WHERE t2.page_row <= $5::INTEGER) AS k1, array_agg(t2.unit_id) FILTER (WHERE t2.page_row <= $6::INTEGER) AS k2, count(*) AS rows
          FROM (SELECT anon_6.locality_id AS locality_id, anon_6.month AS month, anon_6.unit_id AS unit_id, anon_6.opened AS opened, anon_6.closed AS closed, anon_6.overdue AS overdue, anon_6.pending AS pending, anon_6.usual_span AS usual_span, anon_6.code AS code, row_number() OVER () AS page_row
            FROM (SELECT statistic.locality_id AS locality_id, statistic.month AS month, statistic.unit_id AS unit_id, statistic.opened AS opened, statistic.closed AS closed, statistic.overdue AS overdue, statistic.pending AS pending, statistic.usual_span AS usual_span, statistic.code AS code
              FROM statistic
              WHERE statistic.top
              AND statistic.breakdown = $7::VARCHAR COLLATE "C"
              AND statistic.locality_id = t0.id
              AND (NOT statistic.fine OR statistic.locality_id = $8::VARCHAR
                AND $9::VARCHAR = ANY ($10::TEXT[]) OR statistic.locality_id = $8::VARCHAR
                AND $11::UUID = $12::UUID)
              ORDER BY statistic.month DESC, statistic.code DESC, statistic.unit_id DESC
              LIMIT $13::INTEGER) AS anon_6) AS t2) AS anon_4),
      'roots' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
              'name' VALUE t4.name,
              'statistics' VALUE (SELECT JSON_OBJECT(
                  'nodes' VALUE coalesce(anon_8.l0, '[]'::json) RETURNING json) AS anon_7
                FROM (SELECT json_agg(JSON_OBJECT(
                      'month' VALUE t5.month,
                      'category' VALUE (SELECT JSON_OBJECT(
                          'name' VALUE t6.name RETURNING json) AS anon_9
                        FROM (SELECT category.locality_id AS locality_id, category.name AS name
                          FROM category
                          WHERE category.code = t5.code
                          AND t5.breakdown = $14::VARCHAR COLLATE "C"
                          AND category.locality_id = t5.locality_id) AS t6),
                      'opened' VALUE t5.opened RETURNING json)) AS l0
                  FROM (SELECT statistic.locality_id AS locality_id, statistic.month AS month, statistic.code AS code, statistic.breakdown AS breakdown, statistic.opened AS opened
                    FROM statistic
                    WHERE statistic.unit_id = t4.id
                    AND statistic.breakdown = $15::VARCHAR COLLATE "C"
                    AND statistic.locality_id = t4.locality_id
                    AND (NOT statistic.fine OR statistic.locality_id = $8::VARCHAR
                      AND $16::VARCHAR = ANY ($10::TEXT[]) OR statistic.locality_id = $8::VARCHAR
                      AND $11::UUID = $17::UUID)
                    ORDER BY statistic.month DESC, statistic.code DESC, statistic.unit_id DESC
                    LIMIT $18::INTEGER) AS t5) AS anon_8),
              'children' VALUE (SELECT coalesce(json_agg(JSON_OBJECT(
                      'name' VALUE t7.name,
                      'statistics' VALUE (SELECT JSON_OBJECT(
                          'nodes' VALUE coalesce(anon_11.l0, '[]'::json) RETURNING json) AS anon_10
                        FROM (SELECT json_agg(JSON_OBJECT(
                              'level' VALUE (SELECT JSON_OBJECT(
                                  'name' VALUE t9.name RETURNING json) AS anon_12
                                FROM (SELECT level.locality_id AS locality_id, level.name AS name
                                  FROM level
                                  WHERE level.code = t8.code
                                  AND t8.breakdown = $19::VARCHAR COLLATE "C"
                                  AND level.locality_id = t8.locality_id) AS t9),
                              'closed' VALUE t8.closed RETURNING json)) AS l0
                          FROM (SELECT statistic.locality_id AS locality_id, statistic.code AS code, statistic.breakdown AS breakdown, statistic.closed AS closed
                            FROM statistic
                            WHERE statistic.unit_id = t7.id
                            AND statistic.breakdown = $20::VARCHAR COLLATE "C"
                            AND statistic.locality_id = t7.locality_id
                            AND (NOT statistic.fine OR statistic.locality_id = $8::VARCHAR
                              AND $21::VARCHAR = ANY ($10::TEXT[]) OR statistic.locality_id = $8::VARCHAR
                              AND $11::UUID = $22::UUID)
                            ORDER BY statistic.month DESC, statistic.code DESC, statistic.unit_id DESC
                            LIMIT $23::INTEGER) AS t8) AS anon_11) RETURNING json)), '[]'::json) AS coalesce_3
                FROM (SELECT org_unit.locality_id AS locality_id, org_unit.name AS name, org_unit.id AS id
                  FROM org_unit
                  WHERE org_unit.valid_from <= CURRENT_DATE
                  AND org_unit.valid_to > CURRENT_DATE
                  AND org_unit.parent_id = t4.id
                  AND org_unit.locality_id = t4.locality_id
                  ORDER BY org_unit.position, org_unit.id) AS t7) RETURNING json)), '[]'::json) AS coalesce_2
        FROM (SELECT org_unit.locality_id AS locality_id, org_unit.name AS name, org_unit.id AS id
          FROM org_unit
          WHERE org_unit.locality_id = t0.id
          AND org_unit.parent_id IS NULL
          AND org_unit.valid_from <= CURRENT_DATE
          AND org_unit.valid_to > CURRENT_DATE
          AND org_unit.locality_id = t0.id
          ORDER BY org_unit.path) AS t4) RETURNING json) AS anon_2
    FROM (SELECT locality.id AS id
      FROM locality
      WHERE locality.id = $24::VARCHAR) AS t0) RETURNING json) AS anon_1
-- $1 = Fixed(value=2)
-- $2 = Fixed(value=0)
-- $3 = Fixed(value=2)
-- $4 = Fixed(value=2)
-- $5 = Fixed(value=2)
-- $6 = Fixed(value=2)
-- $7 = Fixed(value=<Breakdown.TOTAL: 'TOTAL'>)
-- $8 = FromScope(name='locality')
-- $9 = Fixed(value='DATA_CONSUMER')
-- $10 = FromScope(name='offices')
-- $11 = FromScope(name='person')
-- $12 = Fixed(value=UUID('00000000-0000-0000-0000-000000000000'))
-- $13 = Fixed(value=2)
-- $14 = Fixed(value=<Breakdown.CATEGORY: 'CATEGORY'>)
-- $15 = Fixed(value=<Breakdown.CATEGORY: 'CATEGORY'>)
-- $16 = Fixed(value='DATA_CONSUMER')
-- $17 = Fixed(value=UUID('00000000-0000-0000-0000-000000000000'))
-- $18 = Fixed(value=4)
-- $19 = Fixed(value=<Breakdown.LEVEL: 'LEVEL'>)
-- $20 = Fixed(value=<Breakdown.LEVEL: 'LEVEL'>)
-- $21 = Fixed(value='DATA_CONSUMER')
-- $22 = Fixed(value=UUID('00000000-0000-0000-0000-000000000000'))
-- $23 = Fixed(value=2)
-- $24 = Fixed(value='riverside')
