"""Photographs of a ticket, and the signed addresses at which their bytes are had."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    LargeBinary,
    Select,
    Text,
    case,
    cast,
    extract,
    func,
    literal_column,
    select,
)
from sqlmodel import col

from compiler.binds import FromScope
from compiler.fields import Scoped
from compiler.ids import id_sql
from compiler.scope import ScopeBinds
from db.signing import BLOCK, Signer
from db.tables import Attachment, Ticket
from domain.attachment import GRANTED

TAG = "attachment"
PATH = "/attachments/"
"""Where the server answers for photographs; followed by the id."""


def of_ticket(ticket: type[Ticket]) -> Select[Attachment]:
    """The ticket's photographs whose bytes have come, those from before first."""
    stored = col(Attachment.stored_at)
    found = select(Attachment).where(col(Attachment.ticket_id) == ticket.id, stored.is_not(None))
    return found.order_by(col(Attachment.phase).desc(), stored, col(Attachment.id))


def requested(scope: ScopeBinds) -> Scoped:
    """The photograph that was announced."""
    found = select(Attachment).where(col(Attachment.id) == scope.key)
    return Scoped(found, scope.locality)


def url(attachment: Any, viewer: ScopeBinds) -> ColumnElement[str]:
    """The address at which the viewer may fetch the photograph."""
    photograph = id_sql(TAG, attachment.locality_id, attachment.id)
    person = cast(viewer.person, Text)
    message = _text("read ") + photograph + _text(" ") + person
    address = _address(viewer, photograph) + _text("&signature=") + _signature(viewer, message)
    return case((col(attachment.stored_at).is_not(None), address))


def upload_url(scope: ScopeBinds) -> ColumnElement[str]:
    """The address at which the caller may store the photograph just announced."""
    photograph = id_sql(TAG, scope.locality, scope.key)
    until = cast(_until(), Text)
    message = (
        _text("store ") + photograph + _text(" ") + cast(scope.person, Text) + _text(" ") + until
    )
    address = _address(scope, photograph) + _text("&until=") + until
    return address + _text("&signature=") + _signature(scope, message)


def expires_at(scope: ScopeBinds) -> ColumnElement[Any]:
    """When that address ceases to hold."""
    return func.to_timestamp(_until(), type_=DateTime(timezone=True))


def _until() -> ColumnElement[int]:
    """The end of an upload's time, in Unix time."""
    seconds = literal_column(str(int(GRANTED.total_seconds())), BigInteger)
    return cast(extract("epoch", func.now()), BigInteger) + seconds


def _address(viewer: ScopeBinds, photograph: ColumnElement[str]) -> ColumnElement[str]:
    base = viewer.binds.add(FromScope("signer"), Text(), _base)
    return base + _text(PATH) + photograph + _text("?by=") + cast(viewer.person, Text)


def _signature(viewer: ScopeBinds, message: ColumnElement[str]) -> ColumnElement[str]:
    """HMAC-SHA256 of the message, in hexadecimal."""
    pads = viewer.binds.add(FromScope("signer"), LargeBinary(), _pads)
    text = func.convert_to(message, _text("UTF8"))
    inner = func.sha256(_pad(pads, 0).op("||")(text))
    return func.encode(func.sha256(_pad(pads, 1).op("||")(inner)), _text("hex"), type_=Text)


def _pad(pads: ColumnElement[bytes], nth: int) -> ColumnElement[bytes]:
    start = literal_column(str(nth * BLOCK + 1), Integer)
    return func.substr(pads, start, literal_column(str(BLOCK), Integer), type_=LargeBinary)


def _text(constant: str) -> ColumnElement[str]:
    """A constant of ours in the statement's text."""
    return literal_column(f"'{constant}'", Text)


# Nobody asks without a signer but the server itself, which then gets no address.
def _base(signer: Signer | None) -> str | None:
    return signer and signer.base


def _pads(signer: Signer | None) -> bytes | None:
    return signer and signer.pads()
