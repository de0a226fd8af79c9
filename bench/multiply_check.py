"""Whether a place that was multiplied is one: as many rows as there should be, labels that agree.

That keys are unique and references lead somewhere, PostgreSQL has checked when they were made.
"""

from db.load.copy import Owner

LEVELS = """
SELECT 'units of level ' || length(path) / 4 AS what, count(*) AS found, length(path) = 4 AS top
FROM org_unit WHERE locality_id = $1 GROUP BY length(path) ORDER BY length(path)
"""

ROWS = """
SELECT '{table}' AS what, count(*) FILTER (WHERE length(unit_path) > 4) AS found, false AS top
FROM {table} WHERE locality_id = $1
"""

COUNTED = (
    "person",
    "person_private",
    "post",
    "appointment",
    "ticket",
    "ticket_event",
    "escalation_hop",
    "service_record",
)

WRONG = {
    "units that do not lie below their parents": """
SELECT count(*) FROM org_unit u
LEFT JOIN org_unit p ON p.locality_id = u.locality_id AND p.id = u.parent_id
WHERE length(u.path) > 4 AND p.path IS DISTINCT FROM left(u.path, -4)""",
    "tickets whose handler's path is not its unit's": """
SELECT count(*) FROM ticket t
JOIN org_unit u ON u.locality_id = t.locality_id AND u.id = t.handler_unit_id
WHERE u.path <> t.handler_path""",
    **{
        f"rows of {table} whose path is not their unit's": f"""
SELECT count(*) FROM {table} r
JOIN org_unit u ON u.locality_id = r.locality_id AND u.id = r.unit_id
WHERE u.path <> r.unit_path"""
        for table in ("post", "person", "ticket")
    },
    **{
        f"rows of {table} that do not carry their ticket's labels": f"""
SELECT count(*) FROM {table} r
JOIN ticket t ON t.locality_id = r.locality_id AND t.id = r.ticket_id
WHERE r.unit_path <> t.unit_path OR r.handler_path <> t.handler_path"""
        for table in ("ticket_event", "escalation_hop", "service_record")
    },
    "scopes that are not their ticket's": """
SELECT count(*) FROM ticket_scope s
JOIN ticket t ON t.locality_id = s.locality_id AND t.id = s.ticket_id
WHERE s.path <> left(t.unit_path, length(s.path)) OR s.created_at <> t.created_at
    OR (s.status, s.open) <> (t.status, t.open)""",
    "scopes too many or too few": """
SELECT (SELECT count(*) FROM ticket_scope) - (SELECT sum(length(unit_path) / 4) FROM ticket)""",
}
"""What has to be none."""

Sizes = dict[str, tuple[int, bool]]
"""By what is counted: how many there are, and whether they are the top, which is there once."""


async def sizes(owner: Owner, place: str) -> Sizes:
    """Units by level, and the rows of each table that lie below the top."""
    rows = list(await owner.fetch(LEVELS, place))
    for table in COUNTED:
        rows += await owner.fetch(ROWS.format(table=table), place)
    return {row["what"]: (row["found"], row["top"]) for row in rows}


async def check(owner: Owner, place: str, before: Sizes, times: int) -> list[str]:
    """What the place came to, a line each; raises ValueError if it is not as it should be."""
    after = await sizes(owner, place)
    due = {what: found * (1 if top else times) for what, (found, top) in before.items()}
    faults = [
        f"{what}: {after[what][0]:,} instead of {many:,}"
        for what, many in due.items()
        if after[what][0] != many
    ]
    for what, query in WRONG.items():
        if found := await owner.fetchval(query):
            faults.append(f"{what}: {found:,}")
    if faults:
        raise ValueError("; ".join(faults))
    return [*(f"{what}: {many:,}" for what, many in due.items()), *(f"{w}: 0" for w in WRONG)]
