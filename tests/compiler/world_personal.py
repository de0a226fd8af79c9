"""Disclosures, requests to be forgotten and what goes with a person; no choice is drawn."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.disclosure import PersonalField, Purpose
from tests.compiler.world_plan import START, Row

if TYPE_CHECKING:
    from tests.compiler.world_builder import Builder


def learnt(phone: str | None, address: str | None) -> dict[str, Any]:
    """What else is kept of somebody, some of it of nobody."""
    return {
        "needs": "secret",
        "living_situation": "独居, “alone”" if phone else None,
        "skills": "木工" if address else None,
        "difficulties": "腿脚不便" if phone and address else None,
    }


def add_personal(builder: "Builder", place: str) -> None:
    """Six disclosures of a place, of and by the named viewers and others."""
    people = builder.world.of("person", place)
    post = builder.world.of("post", place)[0]
    named = {row["name"]: row for row in people}
    pairs = [
        (named["worker"], named["resident"]),
        (named["resident"], named["resident"]),
        (named["chief"], named["resident"]),
        (named["chief"], people[5]),
        (people[6], named["worker"]),
        (people[6], people[7]),
    ]
    for sequence, (actor, subject) in enumerate(pairs, 1):
        _disclose(builder, place, sequence, actor, subject, post)
    digest = bytes([6]) * 32
    head = {"sequence": 6, "digest": digest, "removed": 0, "removed_digest": bytes(32)}
    builder.add("disclosure_head", locality_id=place, **head)
    mine = {"person_id": named["resident"]["id"]}
    known = {"issuer": "https://id.example", "subject": "r", "digest": digest, "added_at": START}
    builder.add("login", locality_id=place, **mine, **known)
    kept = {"client_key": "k", "input_digest": "", "answer": {}, "created_at": START}
    builder.add("client_mutation", locality_id=place, **mine, **kept)
    for person in (named["resident"], people[5]):
        asked = {"requested_at": START, "due_at": START + timedelta(days=21), "done_at": None}
        builder.add("erasure", locality_id=place, person_id=person["id"], **asked)


def _disclose(
    builder: "Builder", place: str, sequence: int, actor: Row, subject: Row, post: Row
) -> None:
    own = actor is subject
    builder.add(
        "disclosure",
        locality_id=place,
        sequence=sequence,
        at=START + timedelta(hours=sequence),
        actor_id=actor["id"],
        post_id=None if own else post["id"],
        subject_id=subject["id"],
        field=tuple(PersonalField)[sequence % 3],
        purpose=Purpose.OWN if own else Purpose.EMERGENCY,
        ticket_id=None,
        record_id=None,
        answer_id=UUID(int=sequence),
        reason=None if own else '煤气 "gas"',
        digest=bytes([sequence]) * 32,
    )
