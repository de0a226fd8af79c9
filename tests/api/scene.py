"""A ticket's life told through the API: who does what, what each sees, and time that passes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.api.acting import TICKET, done, mutation
from tests.api.served import Site, key_of

SEEN = f"""query($id: ID!) {{ ticket(id: $id) {{
  {TICKET} agenda {{ resolution meeting {{ title duty }} }}
}} }}"""

Hop = tuple[str, str | None, str, str, str]
"""A step of the chain: its route, the rule that fired, the unit, the post and who is in it."""

PAST = {
    "ticket": "created_at due_at paused_at resolved_at verified_at closed_at hop_started_at "
    "hop_due_at next_due_at",
    "ticket_scope": "created_at",
    "ticket_event": "at due_at",
    "escalation_hop": "at due_at left_at",
    "service_record": "at",
    "agenda_item": "tabled_at resolved_at",
}
"""The moments of a ticket, by table."""


def not_while(status: str) -> tuple[str, str]:
    """What somebody is told who takes a step too early or too late."""
    said = f"当前状态为“{status}”，不能这样办理；工单可办事项见 allowedVerbs"
    return "NOT_ALLOWED_FROM_STATUS", said


@dataclass(frozen=True)
class Scene:
    """One ticket, and the people around it, each named as `linli token --as` names them."""

    site: Site
    ticket: str

    async def seen(self, by: str | None) -> Any:
        """All that somebody sees of it; None if there is nothing to see."""
        return (await self.site.ask(SEEN, by, id=self.ticket))["ticket"]

    async def buttons(self, by: str) -> list[str]:
        """What somebody may do to it now."""
        return (await self.seen(by))["allowedVerbs"]

    async def does(self, verb: str, by: str, **given: Any) -> None:
        """Somebody uses a verb on it that they have a button for."""
        await done(self.site, f"ticket{verb}", by, ticketId=self.ticket, **given)

    async def refused(self, verb: str, by: str, **given: Any) -> tuple[str, str]:
        """Somebody who reads Chinese takes a wrong step; the code and the words of the answer."""
        field, sent = f"ticket{verb}", {"ticketId": self.ticket, **given}
        chinese = {"accept-language": "zh"}
        answer = await self.site.post(mutation(field), {"input": sent}, by, chinese)
        (error,) = answer.json()["data"][field]["userErrors"]
        return error["code"], error["message"]

    async def serves(self, kind: str, by: str, note: str, **given: Any) -> None:
        """Somebody records what they did in answer to it."""
        sent = {"kind": kind, "note": note, "ticketId": self.ticket, **given}
        await done(self.site, "serviceRecordAdd", by, **sent)

    async def chain(self, by: str) -> list[Hop]:
        """Its way from unit to unit, as somebody sees it; no hop is without a post and a person."""
        return [hop_of(hop) for hop in (await self.seen(by))["escalationChain"]]

    async def passes(self, **time: float) -> None:
        """Let so much time have passed since everything that happened to it."""
        for table, columns in PAST.items():
            moved = ", ".join(f"{column} = {column} - $1::interval" for column in columns.split())
            key = "id" if table == "ticket" else "ticket_id"
            sql = f"UPDATE {table} SET {moved} WHERE {key} = $2"
            await self.site.owner.execute(sql, timedelta(**time), key_of(self.ticket))


async def report(site: Site, by: str, unit: str, **given: Any) -> Scene:
    """Somebody makes a need known in a unit of their place."""
    where = await site.unit(by.partition("/")[0], unit)
    return Scene(site, (await done(site, "ticketReport", by, unitId=where, **given))["id"])


async def person(site: Site, name: str) -> str:
    """The global id of somebody."""
    found = await site.person(name)
    return f"person_{found.locality}_{found.person}"


async def name(site: Site, who: str) -> str:
    """What somebody is called."""
    return (await site.person(who)).name


def hop_of(hop: Any) -> Hop:
    """A hop in short."""
    post = hop["toPost"]
    holder = post["holder"] or post["cover"]
    return hop["route"], hop["rule"], hop["toUnit"]["name"], post["title"], holder["name"]


def hours(start: str, end: str) -> float:
    """The hours from one moment to another."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)) / timedelta(hours=1)


def notes(ticket: Any, kind: str) -> list[str]:
    """What was said of the services of a kind, newest first."""
    return [each["note"] for each in ticket["serviceRecords"]["nodes"] if each["kind"] == kind]
