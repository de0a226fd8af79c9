SELECT JSON_OBJECT(
  'ticket' VALUE (SELECT JSON_OBJECT(
      'status' VALUE t0.status,
      'hopCount' VALUE t0.hops,
      'hopDueAt' VALUE t0.hop_due_at,
      'pausedAt' VALUE t0.paused_at,
      'allowedVerbs' VALUE coalesce((SELECT json_agg(line.verb
            ORDER BY line.at) AS json_agg_1
          FROM (VALUES ('REPORTED', 'ACCEPT', 1, false, true, false, false, false), ('REPORTED', 'REJECT', 2, false, true, false, false, false), ('REPORTED', 'MERGE', 3, false, true, false, false, false), ('REPORTED', 'WITHDRAW', 4, false, false, false, true, false), ('ACCEPTED', 'DISPATCH', 5, false, true, false, false, false), ('REOPENED', 'DISPATCH', 5, false, true, false, false, false), ('DISPATCHED', 'DISPUTE', 6, true, true, false, false, false), ('DISPUTED', 'RULE', 7, false, false, true, false, false), ('DISPATCHED', 'SIGN', 8, false, true, false, false, false), ('REPORTED', 'ESCALATE', 9, false, true, false, false, false), ('ACCEPTED', 'ESCALATE', 9, false, true, false, false, false), ('DISPATCHED', 'ESCALATE', 9, false, true, false, false, false), ('IN_PROGRESS', 'ESCALATE', 9, false, true, false, false, false), ('JOINT', 'ESCALATE', 9, false, true, false, false, false), ('TABLED', 'ESCALATE', 9, false, true, false, false, false), ('DELIBERATING', 'ESCALATE', 9, false, true, false, false, false), ('EXTENDED', 'ESCALATE', 9, false, true, false, false, false), ('DISPUTED', 'ESCALATE', 9, false, true, false, false, false), ('REOPENED', 'ESCALATE', 9, false, true, false, false, false), ('IN_PROGRESS', 'RETURN', 10, true, true, false, false, false), ('ACCEPTED', 'JOIN', 11, false, true, false, false, false), ('DISPATCHED', 'JOIN', 11, false, true, false, false, false), ('IN_PROGRESS', 'JOIN', 11, false, true, false, false, false), ('TABLED', 'JOIN', 11, false, true, false, false, false), ('DELIBERATING', 'JOIN', 11, false, true, false, false, false), ('EXTENDED', 'JOIN', 11, false, true, false, false, false), ('ACCEPTED', 'TABLE', 12, false, true, false, false, false), ('DISPATCHED', 'TABLE', 12, false, true, false, false, false), ('IN_PROGRESS', 'TABLE', 12, false, true, false, false, false), ('JOINT', 'TABLE', 12, false, true, false, false, false), ('DELIBERATING', 'TABLE', 12, false, true, false, false, false), ('EXTENDED', 'TABLE', 12, false, true, false, false, false), ('ACCEPTED', 'DELIBERATE', 13, false, true, false, false, false), ('DISPATCHED', 'DELIBERATE', 13, false, true, false, false, false), ('IN_PROGRESS', 'DELIBERATE', 13, false, true, false, false, false), ('JOINT', 'DELIBERATE', 13, false, true, false, false, false), ('TABLED', 'DELIBERATE', 13, false, true, false, false, false), ('EXTENDED', 'DELIBERATE', 13, false, true, false, false, false), ('JOINT', 'RESUME', 14, false, true, false, false, false), ('TABLED', 'RESUME', 14, false, true, false, false, false), ('DELIBERATING', 'RESUME', 14, false, true, false, false, false), ('EXTENDED', 'RESUME', 14, false, true, false, false, false), ('IN_PROGRESS', 'EXTEND', 15, false, true, false, false, false), ('IN_PROGRESS', 'EXPLAIN', 16, false, true, false, false, false), ('JOINT', 'EXPLAIN', 16, false, true, false, false, false), ('TABLED', 'EXPLAIN', 16, false, true, false, false, false), ('DELIBERATING', 'EXPLAIN', 16, false, true, false, false, false), ('EXTENDED', 'EXPLAIN', 16, false, true, false, false, false), ('ACCEPTED', 'RESOLVE', 17, false, true, false, false, false), ('IN_PROGRESS', 'RESOLVE', 17, false, true, false, false, false), ('JOINT', 'RESOLVE', 17, false, true, false, false, false), ('TABLED', 'RESOLVE', 17, false, true, false, false, false), ('DELIBERATING', 'RESOLVE', 17, false, true, false, false, false), ('EXTENDED', 'RESOLVE', 17, false, true, false, false, false), ('RESOLVED', 'REWORK', 18, false, true, false, false, false), ('RESOLVED', 'VERIFY', 19, false, true, false, false, true), ('VERIFIED', 'FOLLOW_UP', 20, false, true, false, true, true), ('EXPLAINED', 'FOLLOW_UP', 20, false, true, false, true, true), ('FOLLOWED_UP', 'REOPEN', 21, false, true, false, true, true), ('FOLLOWED_UP', 'CLOSE', 22, false, true, false, false, true)) AS line (status, verb, at, bound, "HANDLER", "ABOVE", "REPORTER", "PLACE")
          WHERE line.status = t0.status
          AND (NOT line.bound OR t0.returnable)
          AND (line."HANDLER"
            AND (t0.handler_path ^@ ANY ($1::TEXT[])) OR line."ABOVE"
            AND ((t0.handler_path ^@ ANY (array_remove($1::TEXT[], t0.handler_path))) OR length(t0.handler_path) = $2::INTEGER
              AND (t0.handler_path ^@ ANY ($1::TEXT[]))) OR line."REPORTER"
            AND t0.reporter_id = $3::UUID OR line."PLACE"
            AND (t0.unit_path ^@ ANY ($1::TEXT[])))), '[]'::json),
      'mergedInto' VALUE (SELECT JSON_OBJECT(
          'number' VALUE t1.number RETURNING json) AS anon_3
        FROM (SELECT ticket.number AS number
          FROM ticket
          WHERE ticket.id = t0.merged_into_id
          AND ticket.locality_id = $4::VARCHAR
          AND ticket.locality_id = $5::VARCHAR
          AND ((ticket.unit_path ^@ ANY ($1::TEXT[])) OR (ticket.handler_path ^@ ANY ($1::TEXT[])) OR ticket.reporter_id = $3::UUID OR coalesce(ticket.joint_scopes && $1::TEXT[], false))) AS t1) RETURNING json) AS anon_2
    FROM (SELECT ticket.status AS status, ticket.hops AS hops, ticket.hop_due_at AS hop_due_at, ticket.paused_at AS paused_at, ticket.handler_path AS handler_path, ticket.reporter_id AS reporter_id, ticket.unit_path AS unit_path, ticket.returnable AS returnable, ticket.merged_into_id AS merged_into_id
      FROM ticket
      WHERE ticket.id = $6::UUID
      AND ticket.locality_id = $4::VARCHAR
      AND ticket.locality_id = $5::VARCHAR
      AND ((ticket.unit_path ^@ ANY ($1::TEXT[])) OR (ticket.handler_path ^@ ANY ($1::TEXT[])) OR ticket.reporter_id = $3::UUID OR coalesce(ticket.joint_scopes && $1::TEXT[], false))) AS t0) RETURNING json) AS anon_1
-- $1 = FromScope(name='prefixes')
-- $2 = Fixed(value=4)
-- $3 = FromScope(name='person')
-- $4 = Slot(path=('id',))
-- $5 = FromScope(name='locality')
-- $6 = Slot(path=('id',))
