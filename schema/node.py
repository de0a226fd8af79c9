"""The interface of everything that has a global id."""

import strawberry

from compiler.fields import column


@strawberry.interface(description="Anything with a global id.")
class Node:
    id: strawberry.ID = column("Opaque global id; the same for ever, and good for `node(id:)`.")
