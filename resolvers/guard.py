"""The rule of db.visibility, as the compiler asks for it."""

from db.visibility import guard

__all__ = ["guard"]
