"""Nouns: what clients see, described; resolvers say how each field is read."""

# The vocabularies are described before any noun names them.
from schema import enums

__all__ = ["enums"]
