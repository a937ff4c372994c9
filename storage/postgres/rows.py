"""Rows read whole, as structs."""

from typing import TypeVar

from asyncpg import Record
from msgspec import Struct

S = TypeVar("S", bound=Struct)


def of_row(form: type[S], row: Record) -> S:
    """The columns ``form`` knows: others are the next release's, whose migrations run while this one still works."""
    return form(**{name: row[name] for name in form.__struct_fields__})
