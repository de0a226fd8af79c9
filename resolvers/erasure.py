"""Requests to be forgotten, as they are read."""

from sqlalchemy import select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.scope import ScopeBinds
from db.tables import Erasure


def own(scope: ScopeBinds) -> Scoped:
    """The caller's request."""
    found = select(Erasure).where(col(Erasure.person_id) == scope.person)
    return Scoped(found, scope.locality)
