"""Lists that page by ``_skip`` and ``_limit``.

Close refuses a large ``_skip`` (the maximum differs between resources), so these are for lists that stay short: one
lead's contacts and activities, custom fields, statuses. Whole tables go through ``search``.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from crm.close.records import read
from crm.http import Request, Response, with_query

PAGE_SIZE = 100

R = TypeVar("R", bound=Struct)


class ListAnswer(Struct, frozen=True):
    """``has_more`` is missing where a list always comes whole."""

    data: list[dict[str, Any]]
    has_more: bool = False


class CountAnswer(Struct, frozen=True):
    """The part of a list's answer that only some lists have."""

    total_results: int | None = None


def page(path: str, group: str, *, skip: int = 0, limit: int = PAGE_SIZE, **filters: object) -> Request:
    """One page of a list; ``filters`` are Close's own parameter names."""
    query = {**filters, "_skip": skip or None, "_limit": limit}
    return Request(method="GET", url=with_query(path, query), group=group, idempotent=True)


def rows(response: Response, form: type[R]) -> tuple[tuple[R, ...], bool]:
    """The records and whether more follow. Raises msgspec.DecodeError (ValidationError among them)."""
    answer = msgspec.json.decode(response.body, type=ListAnswer)
    return tuple(read(form, raw) for raw in answer.data), answer.has_more and bool(answer.data)
