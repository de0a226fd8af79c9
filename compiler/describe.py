"""Domain vocabularies as GraphQL enums, described by their own members."""

from enum import Enum
from typing import Any

import strawberry


def described_enum(terms: type[Enum], zh: str) -> None:
    """Make a domain vocabulary a GraphQL enum; `zh` is the Chinese term for the noun."""
    strawberry.enum(terms, description=f"{(terms.__doc__ or '').strip()} ({zh})")
    definition: Any = vars(terms)["__strawberry_definition__"]
    members: dict[str, Any] = dict(terms.__members__)
    for value in definition.values:
        member = members[value.name]
        value.description = f"{member.meaning} ({member.zh})"
