"""The four requests written by hand in SQL over the same tables: what Linli is measured against."""

HOLDER = """
(SELECT json_build_object('name', n.name) FROM person n WHERE n.locality_id = $1 AND n.id = (
    SELECT a.person_id FROM appointment a
    WHERE a.locality_id = $1 AND a.post_id = p.id AND a.capacity = '{capacity}'
        AND a.valid_from <= CURRENT_DATE AND a.valid_to > CURRENT_DATE
    ORDER BY a.valid_from DESC, a.id LIMIT 1))"""

POSTS = f"""
(SELECT coalesce(json_agg(json_build_object('title', p.title, 'kind', p.kind,
        'holder', {HOLDER.format(capacity="HOLDER")}, 'cover', {HOLDER.format(capacity="COVER")})
        ORDER BY p.position, p.id), '[]')
 FROM post p WHERE p.locality_id = $1 AND p.unit_id = u{{n}}.id)"""

UNIT = f"""
'id', 'unit_' || $1 || '_' || u{{n}}.id, 'name', u{{n}}.name, 'code', u{{n}}.code,
'level', (SELECT json_build_object('name', l.name, 'kind', l.kind) FROM level l
          WHERE l.locality_id = $1 AND l.code = u{{n}}.level_code),
'posts', {POSTS}"""

CHILDREN = """
(SELECT coalesce(json_agg(o ORDER BY position, id), '[]') FROM (
    SELECT u{n}.position, u{n}.id, json_build_object({unit} {below}) AS o
    FROM org_unit u{n} WHERE u{n}.locality_id = $1 AND u{n}.parent_id = u{above}.id
        AND u{n}.valid_from <= CURRENT_DATE AND u{n}.valid_to > CURRENT_DATE) x)"""


def _tree(n: int, deepest: int) -> str:
    if n > deepest:
        return ""
    below = _tree(n + 1, deepest)
    listed = CHILDREN.format(n=n, above=n - 1, unit=UNIT.format(n=n), below=below)
    return f", 'children', {listed}"


TREE = f"""
SELECT json_build_object('orgUnit', (
    SELECT json_build_object({UNIT.format(n=0)} {_tree(1, 3)})
    FROM org_unit u0 WHERE u0.locality_id = $1 AND u0.id = $2))"""

PERSON = """(SELECT json_build_object('name', n.name) FROM person n
             WHERE n.locality_id = $1 AND n.id = {key})"""

RECORDS = f"""
json_build_object('nodes', (SELECT coalesce(json_agg(o), '[]') FROM (
    SELECT json_build_object('kind', s.kind, 'at', s.at,
        'person', {PERSON.format(key="s.person_id")} {{more}}) AS o
    FROM service_record s WHERE s.locality_id = $1 AND s.ticket_id = t.id
    ORDER BY s.at DESC, s.id DESC LIMIT {{limit}}) x))"""

BOARD = f"""
SELECT json_build_object('orgUnit', (
    SELECT json_build_object('name', u0.name, 'children', (
        SELECT coalesce(json_agg(o ORDER BY position, id), '[]') FROM (
            SELECT u1.position, u1.id, json_build_object('name', u1.name, 'tickets',
                json_build_object('nodes', (SELECT coalesce(json_agg(o), '[]') FROM (
                    SELECT json_build_object('id', 'ticket_' || $1 || '_' || t.id,
                        'number', t.number, 'title', t.title, 'status', t.status,
                        'category', (SELECT json_build_object('name', c.name) FROM category c
                                     WHERE c.locality_id = $1 AND c.code = t.category_code),
                        'createdAt', t.created_at,
                        'reporter', {PERSON.format(key="t.reporter_id")},
                        'serviceRecords', {RECORDS.format(limit=3, more="")}) AS o
                    FROM ticket_scope z JOIN ticket t ON t.locality_id = $1 AND t.id = z.ticket_id
                    WHERE z.locality_id = $1 AND z.path = u1.path AND z.open AND t.open
                    ORDER BY z.created_at DESC, z.ticket_id DESC LIMIT 10) y))) AS o
            FROM org_unit u1 WHERE u1.locality_id = $1 AND u1.parent_id = u0.id
                AND u1.valid_from <= CURRENT_DATE AND u1.valid_to > CURRENT_DATE) x))
    FROM org_unit u0 WHERE u0.locality_id = $1 AND u0.id = $2))"""

NAME = """(SELECT json_build_object('name', v.name) FROM org_unit v
           WHERE v.locality_id = $1 AND v.id = {key})"""

POSTS_BRIEF = f"""
(SELECT json_build_object('name', v.name, 'posts', (
    SELECT coalesce(json_agg(json_build_object('title', p.title,
        'holder', {HOLDER.format(capacity="HOLDER")} {{cover}}) ORDER BY p.position, p.id), '[]')
    FROM post p WHERE p.locality_id = $1 AND p.unit_id = v.id))
 FROM org_unit v WHERE v.locality_id = $1 AND v.id = {{key}})"""

CHAIN = f"""
SELECT json_build_object('ticket', (
    SELECT json_build_object('id', 'ticket_' || $1 || '_' || t.id, 'number', t.number,
        'title', t.title, 'status', t.status, 'severity', t.severity, 'createdAt', t.created_at,
        'dueAt', t.due_at,
        'orgUnit', (SELECT json_build_object('name', u.name,
            'level', (SELECT json_build_object('name', l.name) FROM level l
                      WHERE l.locality_id = $1 AND l.code = u.level_code),
            'ancestors', (SELECT coalesce(json_agg(json_build_object('name', a.name,
                'level', (SELECT json_build_object('name', l.name, 'kind', l.kind) FROM level l
                          WHERE l.locality_id = $1 AND l.code = a.level_code)) ORDER BY a.path), '[]')
                FROM org_unit a WHERE a.locality_id = $1 AND a.path <> u.path AND a.path = ANY (
                    ARRAY(SELECT left(u.path, 4 * g) FROM generate_series(1, length(u.path) / 4) g))))
            FROM org_unit u WHERE u.locality_id = $1 AND u.id = t.unit_id),
        'escalationChain', (SELECT coalesce(json_agg(json_build_object('sequence', h.sequence,
            'route', h.route, 'reason', h.reason, 'rule', h.rule, 'at', h.at, 'dueAt', h.due_at,
            'leftAt', h.left_at, 'fromUnit', {NAME.format(key="h.from_unit_id")},
            'toUnit', {
    POSTS_BRIEF.format(key="h.to_unit_id", cover=f", 'cover', {HOLDER.format(capacity='COVER')}")
}) ORDER BY h.sequence), '[]')
            FROM escalation_hop h WHERE h.locality_id = $1 AND h.ticket_id = t.id),
        'nextHop', CASE WHEN t.next_route IS NOT NULL THEN json_build_object(
            'route', t.next_route, 'rule', t.next_rule, 'dueAt', t.next_due_at,
            'toUnit', {POSTS_BRIEF.format(key="t.next_unit_id", cover="")}) END,
        'serviceRecords', {RECORDS.format(limit=10, more=", 'note', s.note")})
    FROM ticket t WHERE t.locality_id = $1 AND t.id = $2))"""

CURSOR = """translate(encode(convert_to('CREATED_AT-|' || created_at::text || '|' || id::text,
            'UTF8'), 'base64'), E'+/=\\n', '-_')"""

LIST = f"""
SELECT json_build_object('orgUnit', (
    SELECT json_build_object('tickets', (
        SELECT json_build_object(
            'edges', coalesce(json_agg(json_build_object('cursor', {CURSOR},
                'node', json_build_object('id', 'ticket_' || $1 || '_' || t.id,
                    'number', t.number, 'title', t.title, 'status', t.status,
                    'severity', t.severity, 'createdAt', t.created_at, 'dueAt', t.due_at,
                    'category', (SELECT json_build_object('name', c.name) FROM category c
                                 WHERE c.locality_id = $1 AND c.code = t.category_code),
                    'orgUnit', {NAME.format(key="t.unit_id")},
                    'reporter', {PERSON.format(key="t.reporter_id")}))) FILTER (WHERE n <= 50), '[]'),
            'pageInfo', json_build_object('hasNextPage', count(*) > 50,
                'endCursor', max({CURSOR}) FILTER (WHERE n = least(50, total))))
        FROM (SELECT t.*, row_number() OVER () AS n, count(*) OVER () AS total FROM (
            SELECT t.* FROM ticket_scope z JOIN ticket t ON t.locality_id = $1 AND t.id = z.ticket_id
            WHERE z.locality_id = $1 AND z.path = u.path AND t.status = ANY ($3::text[])
            ORDER BY z.created_at DESC, z.ticket_id DESC LIMIT 51) t) t))
    FROM org_unit u WHERE u.locality_id = $1 AND u.id = $2))"""

STATEMENTS = {"tree": TREE, "board": BOARD, "chain": CHAIN, "list": LIST}
