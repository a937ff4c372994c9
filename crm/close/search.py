"""``POST /data/search/``: the way to whole tables of leads and contacts, page by page.

Two limits of Close rule it: a cursor lives about 30 seconds, and one search gives out at most 10 000 objects. So a walk
sorts by a time field, ascending, and follows the cursor as long as it lasts; when it ends early, the walk asks anew for
everything from the last time seen. The cursor rules:

* The new start is that time rounded down to the full second (the index need not keep the microseconds it shows), so
  boundary rows come twice; the walk drops those it has given out.
* A row that changes during the walk moves to the end and comes again, with its new time: that is given out again.
* The end of a search of several pages is believed only once another from the last time seen brings nothing new: the
  cursor ends without a word when the limit is reached.
* Of a second with more rows than one search gives out the rest cannot be had: the walk goes on after it and says so.
* A page that cannot be read as a whole is walked by ids alone (``bare``): each of its objects is then read by itself.
* A row without a time that can be read is given out where it comes, and moves nothing.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from crm import http
from crm.close import query as q
from crm.close.records import in_utc
from crm.errors import BadAnswer
from crm.http import Request

GROUP = "search"
PAGE_SIZE = 200
MOST_RESULTS = 10_000
BARE: tuple[str, ...] = ("id", "date_updated")
_START = datetime(1970, 1, 1, tzinfo=UTC)


class SearchAnswer(Struct, frozen=True):
    """``cursor`` None: nothing follows, or the limit of one search is reached."""

    data: list[dict[str, Any]]
    cursor: str | None = None


class Walk(Struct, frozen=True):
    """Where a walk stands. A value: keep it (it encodes to JSON) and go on later from it.

    ``anchor`` is the time the current search starts at, ``reached`` the latest time seen, ``served`` how many rows the
    current search gave out and ``fresh`` how many of them were new, ``given`` the rows of ``reached``'s second that
    were already passed on. ``passed_over``: seconds of which the rest could not be had.
    """

    object_type: q.ObjectType
    fields: tuple[str, ...]
    anchor: datetime | None = None
    reached: datetime = _START
    cursor: str | None = None
    served: int = 0
    fresh: int = 0
    given: dict[str, datetime] = {}
    passed_over: tuple[datetime, ...] = ()


def find(query: q.Query, fields: dict[str, tuple[str, ...]], limit: int) -> Request:
    """A single page of matches, for questions with few answers. ``results_limit`` keeps Close from searching on."""
    body = {"query": query, "_fields": fields, "_limit": min(limit, PAGE_SIZE), "results_limit": limit}
    return http.send_json("POST", "/data/search/", GROUP, body, idempotent=True)


def walk(object_type: q.ObjectType, fields: tuple[str, ...], since: datetime | None = None) -> Walk:
    """A walk over every object changed at ``since`` or later; None: over all. ``fields`` needs id and date_updated."""
    return Walk(object_type=object_type, fields=fields, anchor=since, reached=since or _START)


def request(state: Walk) -> Request:
    """The request the walk makes next."""
    conditions = [q.objects(state.object_type)]
    if state.anchor is not None:
        conditions.append(q.changed_since(state.object_type, "date_updated", _full_second(state.anchor)))
    body: dict[str, Any] = {
        "query": q.both(*conditions),
        "_fields": {state.object_type: list(state.fields)},
        "sort": [{"field": q.field(state.object_type, "date_updated"), "direction": "asc"}],
        "_limit": PAGE_SIZE,
    }
    if state.cursor is not None:
        body["cursor"] = state.cursor
    return http.send_json("POST", "/data/search/", GROUP, body, idempotent=True)


def advance(state: Walk, answer: SearchAnswer) -> tuple[list[dict[str, Any]], Walk | None]:
    """The rows not given out before, and the walk after them; None when it is at its end. Raises BadAnswer."""
    timed = {_id(row): at for row in answer.data if (at := _changed_at(row)) is not None}
    fresh = [row for row in answer.data if _id(row) not in timed or state.given.get(_id(row)) != timed[_id(row)]]
    seen = state.given | timed
    reached = max([state.reached, *seen.values()])
    served = state.served + len(answer.data)
    boundary = {row_id: at for row_id, at in seen.items() if at >= _full_second(reached)}
    following = msgspec.structs.replace(
        state,
        reached=reached,
        given=boundary,
        served=served,
        fresh=state.fresh + sum(_id(row) in timed for row in fresh),
        cursor=answer.cursor if answer.data else None,
    )
    if following.cursor is not None:
        return fresh, following
    if served <= PAGE_SIZE or (not following.fresh and served < MOST_RESULTS):
        return fresh, None
    return fresh, renewed(following) if following.fresh else _past(following)


def renewed(state: Walk) -> Walk:
    """The walk with a new search from the last time seen: its cursor was refused."""
    anchor = state.reached if state.served else state.anchor
    return msgspec.structs.replace(state, anchor=anchor, cursor=None, served=0, fresh=0)


def bare(state: Walk) -> Walk:
    """The same walk by ids alone, in a search of its own."""
    return msgspec.structs.replace(renewed(state), fields=BARE)


def clothed(state: Walk, fields: tuple[str, ...]) -> Walk:
    """After ``bare``: with all fields again."""
    return msgspec.structs.replace(renewed(state), fields=fields)


def _past(state: Walk) -> Walk:
    """The walk after the second it has reached, all that a search gives out of which has been seen."""
    second = _full_second(state.reached)
    after = msgspec.structs.replace(state, reached=second + timedelta(seconds=1), given={})
    return msgspec.structs.replace(renewed(after), passed_over=(*state.passed_over, second))


def _changed_at(row: dict[str, Any]) -> datetime | None:
    try:
        return in_utc(msgspec.convert(row.get("date_updated"), datetime))
    except (ValueError, msgspec.ValidationError):
        return None


def _id(row: dict[str, Any]) -> str:
    if not isinstance(row.get("id"), str):
        raise BadAnswer("unexpected_answer", "a search row without its id", platform="close")
    return str(row["id"])


def _full_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
