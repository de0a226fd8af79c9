"""What an operation may cost: the objects that its answer may hold, counted before any SQL.

Every object of the answer counts one, and a list counts its objects as often as it was asked for.
What a fragment or a repeated field comes to is worked out once, wherever it is asked for.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, cast

from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues

from compiler.collect import Request, Selected
from compiler.errors import InputError
from compiler.fields import Column, Follow, Link, ReadField, Same, Spec, Value
from compiler.limits import (
    DEEPEST_OBJECTS,
    MOST_DESCRIBED,
    MOST_IDS,
    MOST_LINKS,
    MOST_POINTS,
    OBJECTS_A_POINT,
)
from compiler.order import DEFAULT_PAGE, MOST_CHANGES, USUAL_CHANGES
from compiler.output import CORE, bare, is_list

DESCRIPTIONS = ("__schema", "__type")

OUTSIDE = 100
"""Objects that a mutation counts beside its payload, as does whatever else Python answers."""

DESCRIPTION = 500
"""Objects that `__schema` or `__type` counts, whatever is asked of it."""

USUAL_OTHER = 10
"""Items of a list that Python answers."""

USUAL_PARTS = {"fields": 6, "args": 2, "inputFields": 2, "enumValues": 2}
"""Items of the schema's lists about its own types; of the others, one."""


class Way(IntEnum):
    """How a selection is reached from the lists without a size above it."""

    STRAIGHT = 0
    """There is none."""
    IN_LIST = 1
    """Through nothing but lists: what hangs on a tree is as large as the tree."""
    TURNED = 2
    """From a list's item on to one object: its lists may be the largest, each time."""


@dataclass(frozen=True)
class Above:
    """What a selection's cost depends on beside itself."""

    page: int = 1
    """How many rows the page has whose members are selected."""
    way: Way = Way.STRAIGHT

    def below(self, *, many: bool) -> "Above":
        """The same for the objects that a link leads to."""
        if many:
            return Above(way=max(self.way, Way.IN_LIST))
        return Above(way=Way.TURNED if self.way else Way.STRAIGHT)


@dataclass(frozen=True)
class Size:
    """What a selection comes to for one parent."""

    objects: int = 0
    links: int = 0
    depth: int = 0
    unseen: int = 0
    """Of the objects, those that are counted for work and do not show in the answer."""

    @property
    def points(self) -> int:
        """The price."""
        return max(1, -(-self.objects // OBJECTS_A_POINT))


def together(sizes: Iterable[Size]) -> Size:
    """The size of selections beside each other."""
    objects = links = depth = unseen = 0
    for each in sizes:
        objects, links = objects + each.objects, links + each.links
        depth, unseen = max(depth, each.depth), unseen + each.unseen
    return Size(objects, links, depth, unseen)


@dataclass(frozen=True)
class Estimate:
    """The walk over one operation with the values of its variables."""

    request: Request
    _known: dict[Hashable, Size] = field(default_factory=dict[Hashable, Size])

    def whole(self, root: Any) -> Size:
        """The size of the operation."""
        return self._members(root, self.request.roots(root), Above())

    def _members(self, type_: Any, selected: Selected, above: Above) -> Size:
        return together(self._field(type_, asked, above) for asked in selected.values())

    def _object(self, type_: Any, asked: list[FieldDetails], above: Above) -> Size:
        """The size of one object: of an abstract type, the largest that it may be."""
        known_by = (type_.name, above, *(id(each.node.selection_set) for each in asked))
        found = self._known.get(known_by)
        if found is None:
            if CORE.is_abstract_type(type_):
                found = self._either(type_, asked, above)
            else:
                found = self._members(type_, self.request.fields(type_, asked), above)
            self._known[known_by] = found
        return found

    def _either(self, type_: Any, asked: list[FieldDetails], above: Above) -> Size:
        options = [
            self._object(each, asked, above)
            for each in self.request.schema.get_possible_types(type_)
        ]
        largest = max(options, key=lambda each: each.objects)
        return replace(together(options), objects=largest.objects, unseen=largest.unseen)

    def _field(self, type_: Any, asked: list[FieldDetails], above: Above) -> Size:
        name = asked[0].node.name.value
        if name == "__typename":
            return Size()
        if name in DESCRIPTIONS:
            return self._description(name, asked)
        own = type_.fields[name]
        definition = own.extensions.get("strawberry-definition")
        spec = definition.spec if isinstance(definition, ReadField) else None
        if CORE.is_leaf_type(bare(own.type)):
            counts = spec.counts if isinstance(spec, Column | Value) else 0
            # What takes arguments costs more for them: `phone` is masked, `phone(purpose:)` is not.
            counts *= bool(asked[0].node.arguments or not own.args)
            return Size(counts, unseen=counts)
        return self._composite(spec, type_, own, asked, above)

    def _composite(
        self, spec: Spec | None, type_: Any, own: Any, asked: list[FieldDetails], above: Above
    ) -> Size:
        many, output = is_list(own.type), bare(own.type)
        match spec:
            case Column():  # the members of a page
                item = self._object(output, asked, replace(above, page=1))
                return _times(above.page if many else 1, item)
            case Same():
                return _times(1, self._object(output, asked, above), depth=1)
            case Link() | Follow():
                count, below = self._listed(spec, type_, asked, above, many=many)
                return _times(count, self._object(output, asked, below), links=1, depth=1)
            case _:
                made = _times(USUAL_OTHER if many else 1, self._object(output, asked, Above()))
                root = type_ in (self.request.schema.query_type, self.request.schema.mutation_type)
                outside = OUTSIDE * root
                return replace(made, objects=made.objects + outside, unseen=made.unseen + outside)

    def _listed(
        self,
        spec: Link | Follow,
        type_: Any,
        asked: list[FieldDetails],
        above: Above,
        *,
        many: bool,
    ) -> tuple[int, Above]:
        """How many objects a field leads to, and how their own selections are reached."""
        given: Any = self.request.arguments(type_, asked[0].node)
        if isinstance(spec, Follow):
            return 1, Above(page=_size(given, USUAL_CHANGES, MOST_CHANGES))
        if spec.order is not None:
            return 1, replace(above, page=_size(given, DEFAULT_PAGE, spec.most))
        if "ids" in given:
            return min(len(given["ids"]), MOST_IDS), above
        if not many:
            return 1, above.below(many=False)
        return spec.most if above.way is Way.TURNED else spec.usual, above.below(many=True)

    def _description(self, name: str, asked: list[FieldDetails]) -> Size:
        """What the schema says of itself: of one price, and of so many parts at most."""
        type_ = self.request.schema.type_map["__Schema" if name == "__schema" else "__Type"]
        parts = self._described(type_, asked)
        if parts > MOST_DESCRIBED:
            said = f"This asks for about {parts} parts of the schema; at most {MOST_DESCRIBED}."
            raise InputError("TOO_COSTLY", said)
        return Size(DESCRIPTION, unseen=DESCRIPTION)

    def _described(self, type_: Any, asked: list[FieldDetails]) -> int:
        known_by = (type_.name, *(id(each.node.selection_set) for each in asked))
        if (found := self._known.get(known_by)) is not None:
            return found.objects
        parts = 0
        for below in self.request.fields(type_, asked).values():
            parts += self._part(type_, below)
        self._known[known_by] = Size(parts)
        return parts

    def _part(self, type_: Any, asked: list[FieldDetails]) -> int:
        own = type_.fields.get(asked[0].node.name.value)
        if own is None or CORE.is_leaf_type(bare(own.type)):
            return 1
        name, whole = asked[0].node.name.value, self.request.schema.type_map
        count = len(whole) if name == "types" else USUAL_PARTS.get(name, 1)
        below = count * self._described(bare(own.type), asked)
        # Tools ask for types in types nine deep, and nearly all end after one or two.
        return 1 + (below // 2 if name == "ofType" else below)


def _times(count: int, each: Size, links: int = 0, depth: int = 0) -> Size:
    """So many objects of that size."""
    return Size(
        count * (1 + each.objects), links + each.links, depth + each.depth, count * each.unseen
    )


def _size(given: Any, usual: int, most: int) -> int:
    """The rows of a page; a size that is out of range is refused when it is compiled."""
    asked = given.get("first") or given.get("last") or usual
    return min(max(asked, 1), most)


def measure(request: Request, root: Any) -> Size:
    """What an operation comes to; refused if it is more than any may."""
    size = Estimate(request).whole(root)
    if size.depth > DEEPEST_OBJECTS:
        raise InputError("TOO_DEEP", f"Nest at most {DEEPEST_OBJECTS} levels of objects.")
    if size.points > MOST_POINTS:
        said = (
            f"This would cost {size.points} points; one operation may cost {MOST_POINTS}. Ask for fewer "
            "rows or levels at once, or for one part after another."
        )
        error = InputError("TOO_COSTLY", said)
        error.extensions = {
            "code": "TOO_COSTLY",
            "cost": {"requested": size.points, "maximum": MOST_POINTS},
        }
        raise error
    if size.links > MOST_LINKS:
        said = f"Ask for at most {MOST_LINKS} lists and objects at once."
        raise InputError("TOO_LARGE", said)
    return size


def sizing(values: VariableValues) -> Hashable:
    """What of the variables may decide the cost: sizes, conditions, and how long lists are."""
    return tuple(
        (name, value if isinstance(value, int) else len(cast("list[Any]", value)))
        for name, value in values.coerced.items()
        if isinstance(value, int | list)
    )


def objects_in(body: bytes) -> int:
    """How many objects an answer holds; a brace in a text is taken for one, which is rare and cheap."""
    return body.count(b"{")
