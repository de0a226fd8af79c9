"""What the tables say of every ticket made since the run began, and what clients were told."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.site import Owner

TICKETS = """
WITH t AS MATERIALIZED (
    SELECT * FROM ticket
    WHERE (locality_id, id) NOT IN (SELECT locality_id, id FROM before)
), e AS MATERIALIZED (
    SELECT e.*, lag(e.to_status) OVER w AS was, lead(e.id) OVER w IS NULL AS newest
    FROM ticket_event e JOIN t ON t.locality_id = e.locality_id AND t.id = e.ticket_id
    WINDOW w AS (PARTITION BY e.locality_id, e.ticket_id ORDER BY e.sequence)
), h AS MATERIALIZED (
    SELECT h.* FROM escalation_hop h
    JOIN t ON t.locality_id = h.locality_id AND t.id = h.ticket_id
)
"""

FLAWS = {
    "sequence with gaps": """
        SELECT count(*) FROM t LEFT JOIN (
            SELECT locality_id, ticket_id, min(sequence) AS first, max(sequence) AS last,
                count(*) AS there FROM e GROUP BY locality_id, ticket_id) s
        ON s.locality_id = t.locality_id AND s.ticket_id = t.id
        WHERE (s.first, s.last) IS DISTINCT FROM (1, s.there::integer)""",
    "event not following the one before": """
        SELECT count(*) FROM e WHERE from_status IS DISTINCT FROM was""",
    "status not that of the last event": """
        SELECT count(*) FROM t JOIN e ON e.locality_id = t.locality_id AND e.ticket_id = t.id
        WHERE e.newest AND e.to_status <> t.status""",
    "hops not as counted": """
        SELECT count(*) FROM t LEFT JOIN (
            SELECT locality_id, ticket_id, max(sequence) AS last, count(*) AS there FROM h
            GROUP BY locality_id, ticket_id) s
        ON s.locality_id = t.locality_id AND s.ticket_id = t.id
        WHERE t.hops <> coalesce(s.there, 0) OR t.hops <> coalesce(s.last, 0)""",
    "hop without its event": """
        SELECT count(*) FROM h WHERE NOT EXISTS (SELECT FROM e WHERE e.locality_id = h.locality_id
            AND e.ticket_id = h.ticket_id AND e.at = h.at)""",
    "labels not the ticket's": """
        SELECT count(*) FROM t JOIN (
            SELECT locality_id, ticket_id, handler_path, joint_scopes FROM e
            UNION ALL SELECT locality_id, ticket_id, handler_path, joint_scopes FROM h) r
        ON r.locality_id = t.locality_id AND r.ticket_id = t.id
        WHERE (r.handler_path, r.joint_scopes) IS DISTINCT FROM (t.handler_path, t.joint_scopes)""",
    "event not told once": """
        SELECT count(*) FROM e LEFT JOIN (
            SELECT locality_id, key, verb, at, count(*) AS times FROM change
            WHERE noun = 'TICKET' GROUP BY locality_id, key, verb, at) c
        ON c.locality_id = e.locality_id AND c.key = e.ticket_id AND c.verb = e.verb AND c.at = e.at
        WHERE c.times IS DISTINCT FROM 1""",
    "told without an event": """
        SELECT count(*) FROM change c JOIN t ON t.locality_id = c.locality_id AND t.id = c.key
        WHERE c.noun = 'TICKET' AND NOT EXISTS (SELECT FROM e WHERE e.locality_id = c.locality_id
            AND e.ticket_id = c.key AND e.verb = c.verb AND e.at = c.at)""",
    "subtrees not the lineage": """
        SELECT count(*) FROM t LEFT JOIN (
            SELECT z.locality_id, z.ticket_id, count(*) AS times FROM ticket_scope z
            JOIN t ON t.locality_id = z.locality_id AND t.id = z.ticket_id
            WHERE (z.status, z.open) = (t.status, t.open) AND t.unit_path ^@ z.path
            GROUP BY z.locality_id, z.ticket_id) s
        ON s.locality_id = t.locality_id AND s.ticket_id = t.id
        WHERE s.times IS DISTINCT FROM length(t.unit_path) / 4""",
}
"""Ways in which the rows of a ticket could disagree; each counts how often they do."""

HALF_KEYED = """
SELECT count(*) FROM unnest($1::text[]) AS told(key) LEFT JOIN (
    SELECT client_key, count(*) AS times FROM client_mutation GROUP BY client_key) m
ON m.client_key = told.key
WHERE m.times IS DISTINCT FROM 1
"""

# What a client was told is known by its key, which it wrote into the event.
KEPT = """
SELECT told.key, count(e.id) AS times
FROM unnest($1::text[]) AS told(key)
LEFT JOIN ticket_event e ON e.note = told.key
GROUP BY told.key
"""


@dataclass(frozen=True)
class Verdict:
    """How a client's ledger compares with the tables."""

    acknowledged: int
    lost: int
    doubled: int
    flaws: dict[str, int]

    @property
    def holds(self) -> bool:
        """Whether everything agrees."""
        return not (self.lost or self.doubled or self.flaws)

    def text(self) -> str:
        """One line."""
        flaws = ", ".join(f"{count} × {flaw}" for flaw, count in self.flaws.items())
        return (
            f"acknowledged {self.acknowledged:,}, lost {self.lost}, doubled {self.doubled}, "
            f"half-applied {flaws or 0}"
        )


async def flaws(owner: Owner) -> dict[str, int]:
    """Where rows of tickets disagree."""
    found = {name: await owner.fetchval(TICKETS + query) for name, query in FLAWS.items()}
    return {name: count for name, count in found.items() if count}


async def reconcile(owner: Owner, acknowledged: Sequence[str]) -> Verdict:
    """Compare the keys of all acknowledged mutations with the tables."""
    rows = await owner.fetch(KEPT, acknowledged)
    found = await flaws(owner)
    if unkeyed := await owner.fetchval(HALF_KEYED, acknowledged):
        found["key without its answer"] = unkeyed
    return Verdict(
        acknowledged=len(acknowledged),
        lost=sum(row["times"] == 0 for row in rows),
        doubled=sum(row["times"] > 1 for row in rows),
        flaws=found,
    )
