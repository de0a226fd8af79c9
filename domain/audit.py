"""The chain of disclosures: each row is sealed with a digest over itself and the row before.

Whoever changes, removes or moves a row breaks the chain there, unless they seal anew all that comes
after; that is seen by comparing with an anchor, a digest that was kept elsewhere at the time.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

FIRST = bytes(32)
"""What the first row of a chain is sealed with."""

SEALED = (
    "locality_id", "sequence", "at", "actor_id", "post_id", "subject_id", "field", "purpose",
    "ticket_id", "record_id", "answer_id", "reason",
)  # fmt: skip
"""The columns of a row that its digest covers, the only free text last."""


def seal(row: Sequence[Any], previous: bytes) -> bytes:
    """The digest of a row's `SEALED` columns and of the row before."""
    *plain, reason = row
    said = "" if reason is None else "=" + reason
    return hashlib.sha256(previous + f"{'|'.join(map(str, plain))}|{said}".encode()).digest()


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far a place's chain reached at a moment, kept where its keeper cannot change it."""

    locality: str
    sequence: int
    digest: bytes
    at: datetime
    written_at: datetime | None
    """When the row that it reached was written; None if that was removed for its age by then."""

    def line(self, key: bytes | None = None) -> str:
        """The anchor as a line of JSON, signed if there is a key."""
        said = {
            "locality": self.locality,
            "sequence": self.sequence,
            "digest": self.digest.hex(),
            "at": self.at.isoformat(),
            "writtenAt": self.written_at and self.written_at.isoformat(),
        }
        return json.dumps(said if key is None else {**said, "signature": self.signature(key)})

    def signature(self, key: bytes) -> str:
        """HMAC-SHA-256 over what the anchor says."""
        at = "|".join(each.isoformat() if each else "" for each in (self.at, self.written_at))
        said = f"{self.locality}|{self.sequence}|{self.digest.hex()}|{at}"
        return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


class AnchorError(ValueError):
    """A line that is no anchor, or whose signature is not right."""


def read_anchor(line: str, key: bytes | None = None) -> Anchor:
    """The anchor on a line; with a key, only if it is signed with it; without, only if unsigned."""
    try:
        said = json.loads(line)
        digest, at = bytes.fromhex(said["digest"]), datetime.fromisoformat(said["at"])
        written = said["writtenAt"] and datetime.fromisoformat(said["writtenAt"])
        anchor = Anchor(str(said["locality"]), int(said["sequence"]), digest, at, written)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise AnchorError("not an anchor") from error
    if key is None and "signature" in said:
        raise AnchorError("it is signed, and LINLI_ANCHOR_KEY is not set to check it")
    if key is not None and not hmac.compare_digest(
        anchor.signature(key), str(said.get("signature", ""))
    ):
        raise AnchorError("the signature is not right")
    return anchor


@dataclass
class Check:
    """A chain being recomputed, row by row from the first one kept."""

    locality: str
    sequence: int
    """Of the last row read; at first, of the last one that was removed for its age."""
    digest: bytes
    anchors: Sequence[Anchor] = ()
    kept_since: datetime | None = None
    """Whatever was written after it must still be there."""
    problems: list[str] = field(default_factory=list[str])
    rows: int = 0
    _kept: dict[int, set[bytes]] = field(init=False)

    def __post_init__(self) -> None:
        """Know the anchors by the row they were taken at."""
        self._kept = {}
        for anchor in self.anchors:
            self._kept.setdefault(anchor.sequence, set()).add(anchor.digest)
        self._compare(self.sequence, self.digest)
        if any(self._removed_young(anchor) for anchor in self.anchors):
            self._find(f"rows up to {self.sequence} were removed before their time")

    def _removed_young(self, anchor: Anchor) -> bool:
        """Whether the anchor's row was removed before its time, or one written after it."""
        if self.kept_since is None or anchor.sequence > self.sequence:
            return False
        written = anchor.at if anchor.sequence < self.sequence else anchor.written_at
        return written is not None and written > self.kept_since

    def read(self, row: Sequence[Any], digest: bytes) -> None:
        """Go on to the next row, given its `SEALED` columns and its digest."""
        self.rows += 1
        sequence = row[1]
        if sequence != self.sequence + 1:
            self._find(f"rows {self.sequence + 1} to {sequence - 1} are missing")
        elif seal(row, self.digest) != digest:
            self._find(f"row {sequence} is not as it was written")
        self.sequence, self.digest = sequence, digest
        if sequence in self._kept:
            self._compare(sequence, digest)

    def end(self, sequence: int, digest: bytes) -> None:
        """Compare the end with the place's head, and with anchors beyond it."""
        if (sequence, digest) != (self.sequence, self.digest):
            self._find(f"the chain ends at row {self.sequence}, its head says {sequence}")
        beyond = max((each for each in self._kept if each > self.sequence), default=None)
        if beyond is not None:
            self._find(f"the chain ends at row {self.sequence}, an anchor was taken at {beyond}")

    def _compare(self, sequence: int, digest: bytes) -> None:
        if self._kept.get(sequence, {digest}) != {digest}:
            self._find(f"row {sequence} is not the one that its anchor was taken at")

    def _find(self, problem: str) -> None:
        self.problems.append(f"{self.locality}: {problem}")
