"""A document that is forgotten is gone at once: the collector looks seldom (`server.serving`)."""

import gc

from graphql.language import Token

from compiler.documents import Document, read_document
from schema.api import API

TEXT = "{ localities { slug roots { id name } } }"


def tokens() -> int:
    return sum(isinstance(each, Token) for each in gc.get_objects())


def test_a_forgotten_document_leaves_no_ring_behind() -> None:
    gc.collect()
    before = tokens()
    found = read_document(API.core, TEXT)
    assert isinstance(found, Document)
    gc.collect()  # the work of validating it is gone
    gc.disable()
    try:
        assert tokens() > before
        del found
        assert tokens() == before
    finally:
        gc.enable()
