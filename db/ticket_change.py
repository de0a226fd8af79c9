"""A decision on a ticket as the rows that it becomes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from db import outbox
from db.keys import new_key
from db.paths import lineage
from db.ticket_lock import NEVER, Facts, Held
from domain.escalation import NextHop
from domain.terms import CLOSED_STATUSES, ChangedNoun, TicketStatus, TicketVerb
from domain.ticket import Decision

Row = dict[str, Any]
V = TicketVerb


@dataclass(frozen=True)
class Change:
    """A decision on a ticket under lock, and where it leaves the ticket."""

    held: Held
    decision: Decision
    handler_path: str
    ahead: NextHop | None
    joined: Sequence[str] = ()
    """Paths of the units called to help."""

    def joint_scopes(self) -> list[str] | None:
        """All units that were called to help so far, and all above them."""
        called = {above for path in self.joined for above in lineage(path)}
        return sorted(called | set(self.held.joint_scopes or ())) or None

    def labels(self) -> Row:
        """What the rows of the ticket repeat of it afterwards."""
        moved = {"handler_path": self.handler_path, "joint_scopes": self.joint_scopes()}
        return {**self.held.labels(), **moved}

    def retimed(self) -> bool:
        """Whether the hop it is on gets another time: after a pause, or for work begun again."""
        kept = self.decision.state.hop_due_at == self.held.state.hop_due_at
        return not kept and not self.decision.hops and self.held.state.hop_sequence > 0

    def parted(self) -> bool:
        """Whether the units called to help are done with it, the leading one not."""
        return self.decision.event.from_status is TicketStatus.JOINT and not self.decision.hops

    def answers(self) -> bool:
        """Whether it changes what those are to be told whose reports it carries on."""
        return self.held.carries > 0 and self.facts() != self.held.facts

    def facts(self) -> Facts:
        """The claim, the check and the end as the event leaves them."""
        event, facts = self.decision.event, self.held.facts
        if event.verb in (V.REWORK, V.REOPEN):
            # It is no longer said to be solved; the history keeps what was said.
            facts = replace(facts, resolution=None, resolved_at=None, verified_at=None)
        if event.verb is V.RESOLVE:
            facts = replace(facts, resolution=event.note, resolved_at=event.at)
        if event.verb is V.VERIFY:
            facts = replace(facts, verified_at=event.at)
        if event.to_status in CLOSED_STATUSES:
            facts = replace(facts, closed_at=event.at, merged_into=event.merged_into)
        return facts


def state_columns(decision: Decision, handler_path: str, ahead: NextHop | None) -> Row:
    """The ticket's columns that follow from its state and what lies ahead."""
    state = decision.state
    return {
        "status": state.status,
        "handler_unit_id": state.handler_unit_id,
        "handler_path": handler_path,
        "due_at": None if state.due_at == NEVER else state.due_at,
        "paused_at": state.paused_at,
        "hops": state.hop_sequence,
        "hop_started_at": state.hop_started_at,
        "hop_due_at": state.hop_due_at,
        "returnable": state.returnable,
        "verdict": state.verdict,
        **timer(ahead),
    }


def timer(ahead: NextHop | None) -> Row:
    """The ticket's columns that arm its timer."""
    return {
        "next_route": ahead.route if ahead else None,
        "next_rule": ahead.rule.code if ahead else None,
        "next_unit_id": ahead.to_unit if ahead else None,
        "next_due_at": ahead.due_at if ahead else None,
    }


TIMER = ("next_route", "next_rule", "next_unit_id", "next_due_at")
STATE = (
    "status",
    "handler_unit_id",
    "handler_path",
    "due_at",
    "paused_at",
    "hops",
    "hop_started_at",
    "hop_due_at",
    "returnable",
    "verdict",
    *TIMER,
)
FACTS = ("resolution", "resolved_at", "verified_at", "closed_at", "merged_into_id")


def ticket_row(change: Change) -> tuple[Any, ...]:
    """Parameters of TICKET."""
    held, facts = change.held, change.facts()
    columns = state_columns(change.decision, change.handler_path, change.ahead)
    return (
        held.locality,
        held.state.id,
        change.joint_scopes(),
        lineage(held.unit_path),
        held.state.created_at,
        *(columns[name] for name in STATE),
        facts.resolution,
        facts.resolved_at,
        facts.verified_at,
        facts.closed_at,
        facts.merged_into,
    )


def label_row(change: Change) -> tuple[Any, ...]:
    """Parameters of LABELS."""
    key = change.held.locality, change.decision.state.id
    return (*key, change.handler_path, change.joint_scopes())


def event_row(change: Change) -> tuple[Any, ...]:
    """Parameters of EVENT."""
    event, labels = change.decision.event, change.labels()
    return (
        change.held.locality,
        new_key(event.at),
        change.decision.state.id,
        change.held.events + 1,
        event.verb,
        event.from_status,
        event.to_status,
        event.at,
        event.actor,
        event.note or None,
        event.verdict,
        event.due_at,
        *(labels[name] for name in LABEL),
    )


def left_row(change: Change) -> tuple[Any, ...]:
    """Parameters of LEFT."""
    return change.held.locality, change.decision.state.id, change.decision.event.at


def due_row(change: Change) -> tuple[Any, ...]:
    """Parameters of DUE."""
    state = change.decision.state
    return change.held.locality, state.id, state.hop_due_at


def hop_rows(change: Change) -> list[tuple[Any, ...]]:
    """Parameters of HOP, for each hop."""
    labels = change.labels()
    return [
        (
            change.held.locality,
            change.decision.state.id,
            hop.sequence,
            hop.route,
            hop.from_unit,
            hop.to_unit,
            hop.to_post,
            hop.actor,
            hop.rule,
            hop.reason or None,
            hop.at,
            hop.due_at,
            *(labels[name] for name in LABEL),
        )
        for hop in change.decision.hops
    ]


def said(change: Change) -> outbox.Said:
    """What the outbox says of it."""
    event, labels = change.decision.event, change.labels()
    return outbox.Said(
        noun=ChangedNoun.TICKET,
        key=change.decision.state.id,
        verb=event.verb,
        at=event.at,
        was_handler_path=change.held.handler_path,
        **{name: labels[name] for name in LABEL},
    )


def record_said(change: Change, record: Any) -> outbox.Said:
    """What the outbox says of a service record that went along with its ticket."""
    labels = change.labels()
    return outbox.Said(
        noun=ChangedNoun.SERVICE_RECORD,
        key=record["id"],
        verb=change.decision.event.verb,
        at=change.decision.event.at,
        unit_path=labels["unit_path"],
        handler_path=labels["handler_path"],
        was_handler_path=change.held.handler_path,
        joint_scopes=labels["joint_scopes"],
        reporter_id=record["recipient_id"],
        person_id=record["person_id"],
    )


LABEL = ("unit_path", "handler_path", "joint_scopes", "reporter_id")
