"""Questions about GraphQL types, with graphql-core's half-typed generics kept in here."""

from typing import Any

import graphql

# Its type guards are generic over unknowns, which strict checking would carry everywhere.
CORE: Any = graphql


def nullable(type_: Any) -> Any:
    """The type without its outermost non-null."""
    return type_.of_type if CORE.is_non_null_type(type_) else type_


def bare(type_: Any) -> Any:
    """The named type inside lists and non-nulls."""
    return CORE.get_named_type(type_)


def item(type_: Any) -> Any:
    """The nullable type of a list's items."""
    return nullable(nullable(type_).of_type)


def is_list(type_: Any) -> bool:
    """Whether a type is a list, null or not."""
    return CORE.is_list_type(nullable(type_))


def is_enum(type_: Any) -> bool:
    """Whether a type is an enumeration, null or not."""
    return CORE.is_enum_type(nullable(type_))


def is_input_object(type_: Any) -> bool:
    """Whether a type is an input object, null or not."""
    return CORE.is_input_object_type(nullable(type_))
