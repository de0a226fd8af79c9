"""An operation out of an HTTP request, refused with a code as soon as it is known to be none.

POST  a JSON object as the body
GET   the same members as parameters of the address; never a mutation, and only what a foreign page
      cannot send: a trusted document, or a request with a header that browsers ask for first
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from starlette.requests import Request

from server.accept import JSON, LONGEST, REMEMBERED
from server.body import Refused, read_within
from server.operation import Operation, bad_body, read_operation
from server.trusted import Documents

LARGEST_BODY = 262_144
"""Four times the largest frame of a WebSocket, and a hundred times what clients send."""
LONGEST_ADDRESS = 16_384
BODY_SECONDS = 8
WHOLE = "linli.whole"
"""In a request's scope, what gives its body, if all of it is there."""
PREFLIGHT = "graphql-require-preflight"
"""A header that no page can send to another origin without the browser asking that origin first."""


async def read_body(request: Request, headers: Mapping[bytes, str]) -> Operation:
    """The operation in the body of a POST, whose headers are given as `server.heads` reads them."""
    if len(said := headers.get(b"content-type", "")) > LONGEST or not _is_json(said):
        raise Refused(415, "BAD_CONTENT_TYPE", f"Send the operation as {JSON}, in UTF-8.")
    if headers.get(b"content-encoding", "identity").strip().lower() != "identity":
        raise Refused(415, "BAD_CONTENT_ENCODING", "Send the body as it is, not compressed.")
    body = request.scope[WHOLE]() if WHOLE in request.scope else None
    if body is None or len(body) > LARGEST_BODY:
        length = headers.get(b"content-length", "0")
        body = await read_within(request.receive, length, LARGEST_BODY, BODY_SECONDS)
    return read_operation(read_json(body))


def read_address(request: Request, headers: Mapping[bytes, str], documents: Documents) -> Operation:
    """The query in the address of a GET, if no foreign page can have sent it."""
    if len(request.scope["query_string"]) > LONGEST_ADDRESS:
        said = f"An address has at most {LONGEST_ADDRESS} bytes of parameters; use POST."
        raise Refused(414, "ADDRESS_TOO_LONG", said)
    given = request.query_params.multi_items()
    parts: dict[str, Any] = {name: value for name, value in given if value}
    if len(dict(given)) != len(given):
        raise bad_body("A parameter is given twice.")
    for name in ("variables", "extensions"):
        if name in parts:
            parts[name] = read_json(parts[name].encode())
    operation = read_operation(parts, safe=True)
    known = not operation.query or documents.knows(operation.query)
    if not known and PREFLIGHT.encode() not in headers:
        said = "With GET, name a trusted document, or send `GraphQL-Require-Preflight: 1`."
        raise Refused(403, "PREFLIGHT_REQUIRED", said)
    return operation


def read_json(body: bytes) -> Any:
    """What a text of JSON says, if it says one thing."""
    try:
        read = orjson.loads(body)
        if not _surely_once(body, read):
            json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "BAD_JSON", "This is not JSON in UTF-8, each name once.") from error
    return read


def _surely_once(body: bytes, read: Any) -> bool:
    """Whether no name can have stood twice: written anew, what was read has as many colons.

    Each member has one of its own, and those within texts are written as they were, unless one was
    spelt by its number.
    """
    try:
        return rb"\u" not in body and body.count(b":") == orjson.dumps(read).count(b":")
    except orjson.JSONEncodeError:  # too deep for being written
        return False


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Refuse a name given twice: what stands before us may have read the other of the two."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError


@lru_cache(REMEMBERED)
def _is_json(content_type: str) -> bool:
    """Whether a media type is exactly JSON, in UTF-8."""
    media, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = {value.strip('" ') for value in _values(parameters, "charset")}
    return media == JSON and charsets <= {"utf-8", "utf8"}


def _values(parameters: list[str], wanted: str) -> list[str]:
    split = (parameter.partition("=") for parameter in parameters)
    return [value for name, _, value in split if name.strip() == wanted]
