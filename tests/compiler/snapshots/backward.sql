SELECT JSON_OBJECT(
  'tickets' VALUE (SELECT JSON_OBJECT(
      'nodes' VALUE coalesce(anon_3.l0, '[]'::json),
      'pageInfo' VALUE JSON_OBJECT(
        'hasNextPage' VALUE true,
        'hasPreviousPage' VALUE anon_3.rows > $1::INTEGER,
        'startCursor' VALUE CASE WHEN (cardinality(anon_3.k0) > $2::INTEGER) THEN translate(encode(convert_to(concat_ws('|', 'CREATED_AT-', CAST(anon_3.k0[1] AS TEXT), CAST(anon_3.k1[1] AS TEXT)), 'UTF8'), 'base64'), E'+/=\n', '-_') ELSE NULL END,
        'endCursor' VALUE CASE WHEN (cardinality(anon_3.k0) > $3::INTEGER) THEN translate(encode(convert_to(concat_ws('|', 'CREATED_AT-', CAST(anon_3.k0[cardinality(anon_3.k0)] AS TEXT), CAST(anon_3.k1[cardinality(anon_3.k0)] AS TEXT)), 'UTF8'), 'base64'), E'+/=\n', '-_') ELSE NULL END RETURNING json) RETURNING json) AS anon_2
    FROM (SELECT json_agg(JSON_OBJECT(
          'number' VALUE t0.number,
          'createdAt' VALUE t0.created_at RETURNING json)
        ORDER BY t0.page_row DESC) FILTER (WHERE t0.page_row <= $1::INTEGER) AS l0, array_agg(t0.created_at
        ORDER BY t0.page_row DESC) FILTER (WHERE t0.page_row <= $1::INTEGER) AS k0, array_agg(t0.id
        ORDER BY t0.page_row DESC) FILTER (WHERE t0.page_row <= $1::INTEGER) AS k1, count(*) AS rows
      FROM (SELECT anon_4.number AS number, anon_4.created_at AS created_at, anon_4.id AS id, row_number() OVER () AS page_row
        FROM (SELECT ticket.number AS number, ticket.created_at AS created_at, ticket.id AS id
          FROM ticket
          WHERE ticket.locality_id = $4::VARCHAR
          AND ticket.locality_id = $5::VARCHAR
          AND ((ticket.unit_path ^@ ANY ($6::TEXT[])) OR (ticket.handler_path ^@ ANY ($6::TEXT[])) OR ticket.reporter_id = $7::UUID OR coalesce(ticket.joint_scopes && $6::TEXT[], false))
          AND (ticket.created_at, ticket.id) > ($8::TIMESTAMP WITH TIME ZONE, $9::UUID)
          ORDER BY ticket.created_at, ticket.id
          LIMIT $10::INTEGER) AS anon_4) AS t0) AS anon_3) RETURNING json) AS anon_1
-- $1 = Slot(path=('last',))
-- $2 = Fixed(value=0)
-- $3 = Fixed(value=0)
-- $4 = FromScope(name='locality')
-- $5 = FromScope(name='locality')
-- $6 = FromScope(name='prefixes')
-- $7 = FromScope(name='person')
-- $8 = Slot(path=('before',))
-- $9 = Slot(path=('before',))
-- $10 = Slot(path=('last',))
