"""A row of an enclosing query, referred to by name so that nothing needs correlating."""

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    Table,
    func,
    literal_column,
    select,
)


class Row:
    """The columns of a row under an alias; it remembers which of them were asked for."""

    def __init__(self, alias: str, entity: type[Any], locality: Any = None) -> None:
        self._alias = alias
        self._locality = locality
        self._bound = isinstance(locality, BindParameter)
        self._table: Table = entity.__table__
        self._used: dict[str, ColumnElement[Any]] = {}

    def __getattr__(self, name: str) -> ColumnElement[Any]:
        if name == "locality_id" and self._bound:
            # Known already: as a parameter at every level it keeps a request on one shard.
            # (A column of a row above will not do: an aggregate over nothing else is that row's.)
            return self._locality
        if name not in self._used:
            type_ = self._table.c[name].type
            self._used[name] = literal_column(f"{self._alias}.{name}", type_)
        return self._used[name]

    def place(self) -> Any:
        """The locality of the row, as far as it is known or its table says."""
        return self.locality_id if "locality_id" in self._table.c else self._locality

    def source(self, narrow: Select[Any]) -> FromClause:
        """A narrow query under the alias."""
        return narrow.subquery(self._alias)

    def numbered(self, narrow: Select[Any]) -> FromClause:
        """The same with each row's number in the query's order, as `page_row`."""
        rows = narrow.subquery()
        return select(*rows.c, func.row_number().over().label("page_row")).subquery(self._alias)

    @property
    def page_row(self) -> ColumnElement[int]:
        """The row's number in a numbered source."""
        return literal_column(f"{self._alias}.page_row")

    def narrow(self, query: Select[Any]) -> Select[Any]:
        """The query cut down to the columns that were asked for."""
        columns: list[Any] = [self._table.c[name] for name in self._used]
        narrow: Any = query.with_only_columns(
            *(columns or [literal_column("1").label("one")]), maintain_column_froms=True
        )
        return narrow
