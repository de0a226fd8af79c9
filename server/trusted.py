"""Trusted documents: the operations an operator knows, by the digest of their text.

A manifest is one signed file (JWS, compact): {"documents": {"sha256:<hex>": "<text>"}}.
Clients name a document by its id, as `documentId` or as `extensions.persistedQuery`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import orjson
from joserfc import jws
from joserfc.errors import InvalidKeyTypeError, JoseError
from joserfc.jwk import ECKey, OKPKey
from joserfc.jws import JWSRegistry

from compiler.errors import InputError
from server.operation import PREFIX, Operation

TYPE = "linli-documents"
ALGORITHMS = {"Ed25519": "Ed25519", "P-256": "ES256"}
"""The signature of each kind of key; the file does not choose."""


class ManifestError(ValueError):
    """A manifest, or a key for one, that is not to be trusted."""


class Only(Enum):
    """Who may send no other operations than the trusted ones."""

    OFF = "off"
    ANONYMOUS = "anonymous"
    ALL = "all"


class _Registry(JWSRegistry):
    max_payload_length = 20_000_000  # a manifest is no token


@dataclass(frozen=True)
class Documents:
    """The trusted documents, and who is held to them."""

    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    only: Only = Only.OFF

    def knows(self, text: str) -> bool:
        """Whether a document is one of ours, to the last character."""
        return bool(self.texts) and document_id(text) in self.texts

    def text(self, operation: Operation, *, anonymous: bool) -> str:
        """The document an operation names or brings; InputError if it may not be run."""
        text = operation.query if operation.document is None else self._named(operation)
        held = self.only is Only.ALL or (self.only is Only.ANONYMOUS and anonymous)
        if held and not self.knows(text):
            said = "Only documents that this server knows are answered here; send a `documentId`."
            raise InputError("DOCUMENT_NOT_TRUSTED", said)
        return text

    def _named(self, operation: Operation) -> str:
        """The text of the id that was sent; with a text beside it, that one, if it is the same."""
        if operation.query:
            if document_id(operation.query) != operation.document:
                raise InputError("DOCUMENT_MISMATCH", "`query` is not the document of that id.")
            return operation.query
        found = self.texts.get(operation.document or "")
        if found is None:
            # Clients that know the protocol look for these very words, and send the text instead.
            raise InputError("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        return found


def document_id(text: str) -> str:
    """What a document is called."""
    return PREFIX + sha256(text.encode()).hexdigest()


def sign(texts: Iterable[str], key: OKPKey | ECKey) -> str:
    """A manifest of documents."""
    documents = {document_id(text): text for text in texts}
    payload = orjson.dumps({"documents": documents}, option=orjson.OPT_SORT_KEYS)
    header: dict[str, Any] = {"alg": _algorithm(key), "typ": TYPE}
    return jws.serialize_compact(header, payload, key, registry=_registry(key))


def read_manifest(signed: str, key: OKPKey | ECKey) -> dict[str, str]:
    """The documents of a manifest by id; ManifestError unless that key signed it."""
    try:
        found = jws.deserialize_compact(signed.strip(), key, registry=_registry(key))
    except (JoseError, ValueError) as error:
        raise ManifestError("It is not signed with this key.") from error
    other = "It is signed, but it is no manifest of documents."
    if found.protected.get("typ") != TYPE:
        raise ManifestError(other)
    try:
        documents = cast("dict[str, str]", orjson.loads(found.payload or b"")["documents"])
        sound = all(document_id(text) == name for name, text in documents.items())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestError(other) from error
    if not sound:
        raise ManifestError("An id in it is not the digest of its document.")
    return documents


def load_documents(manifest: Path, key: Path) -> dict[str, str]:
    """The documents of a manifest's file."""
    try:
        return read_manifest(manifest.read_text("ascii"), read_key(key))
    except ManifestError as error:
        raise ManifestError(f"{manifest}: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{manifest} cannot be read.") from error


def read_key(file: Path) -> OKPKey | ECKey:
    """A key from a PEM file, Ed25519 or P-256: the private one signs, the public one checks."""
    try:
        pem = file.read_bytes()
        key = _imported(pem)
    except (OSError, ValueError, JoseError) as error:
        raise ManifestError(f"{file} is not a key in PEM.") from error
    if key.curve_name not in ALGORITHMS:
        raise ManifestError(f"{file}: keys are of Ed25519 or P-256, not of {key.curve_name}.")
    return key


def _imported(pem: bytes) -> OKPKey | ECKey:
    try:
        return OKPKey.import_key(pem)
    except InvalidKeyTypeError:
        return ECKey.import_key(pem)


def _algorithm(key: OKPKey | ECKey) -> str:
    return ALGORITHMS[key.curve_name]


def _registry(key: OKPKey | ECKey) -> JWSRegistry:
    return _Registry(algorithms=[_algorithm(key)])
