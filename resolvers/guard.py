"""The rules of db.visibility, as the compiler asks for them."""

from db.visibility import all_arisen_below, guard

__all__ = ["all_arisen_below", "guard"]
