"""Errors a caller can act on, each with a stable code."""

from graphql import GraphQLError


class InputError(GraphQLError):
    """A value the caller sent cannot be used; it was refused before any SQL."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, extensions={"code": code})
