"""``/data/search/``: evaluates Close's query language, and gives out results by cursors that do not live long."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from simulators.close.event_log import at
from simulators.close.fields import refused
from simulators.close.store import CloseStore, Row
from simulators.rest import Refused

_WORD = re.compile(r"\w+")


class Search:
    """Results are fixed when a search begins; pages show the objects as they are then."""

    def __init__(self, store: CloseStore) -> None:
        self._store = store
        self._cursors: dict[str, _Results] = {}

    def page(self, body: dict[str, Any]) -> dict[str, Any]:
        results = self._resumed(body["cursor"]) if body.get("cursor") else self._begun(body)
        size = min(200, int(body.get("_limit") or 100))
        rows = [row for row in map(results.shown, results.ids[results.given : results.given + size]) if row is not None]
        results.given += size
        results.asked_at = self._store.now()
        answer: dict[str, Any] = {"data": rows, "cursor": None}
        if results.given < len(results.ids):
            answer["cursor"] = results.name = results.name or self._store.new_id("cursor")
            self._cursors[results.name] = results
        return answer

    def _begun(self, body: dict[str, Any]) -> "_Results":
        query = body.get("query") or {}
        kind = _object_type(query)
        if kind not in ("lead", "contact"):
            raise refused("query", "An object_type of lead or contact is required.")
        table = self._store.leads if kind == "lead" else self._store.contacts
        seen_until = self._store.now() - timedelta(seconds=self._store.options.index_lag_s)
        show: Callable[[Row], Row] = self._store.shown_lead if kind == "lead" else dict
        shown = [show(row) for row in table.values() if at(row["date_created"]) <= seen_until]
        found = [row for row in shown if self._matches(query, row, kind)]
        for order in reversed(body.get("sort") or []):
            name = order["field"]["field_name"]
            found.sort(key=lambda row: (row.get(name) or "", row["id"]), reverse=order.get("direction") == "desc")
        most = min(self._store.options.search_cap, body.get("results_limit") or self._store.options.search_cap)
        wanted = (body.get("_fields") or {}).get(kind) or ["id"]
        return _Results([row["id"] for row in found[:most]], table, show, wanted, kind)

    def _resumed(self, cursor: str) -> "_Results":
        results = self._cursors.get(cursor)
        life = timedelta(seconds=self._store.options.cursor_life_s)
        if results is None or results.asked_at is None or self._store.now() - results.asked_at > life:
            self._cursors.pop(cursor, None)
            raise refused("cursor", "The cursor is invalid or has expired.")
        return results

    def _matches(self, query: dict[str, Any], row: Row, kind: str) -> bool:
        match query.get("type"):
            case "object_type":
                result = bool(query["object_type"] == kind)
            case "and":
                result = all(self._matches(part, row, kind) for part in query["queries"])
            case "or":
                result = any(self._matches(part, row, kind) for part in query["queries"])
            case "match_all":
                result = True
            case "has_related":
                related = self._related(row, query["this_object_type"], query["related_object_type"])
                part = query["related_query"]
                result = any(self._matches(part, other, query["related_object_type"]) for other in related)
            case "field_condition":
                result = _holds(query["condition"], _value(row, query["field"]))
            case _:
                raise refused("query", "Unknown query type.")
        return not result if query.get("negate") else result

    def _related(self, row: Row, this: str, other: str) -> list[Row]:
        if this == "lead" and other == "contact":
            related: list[Row] = row["contacts"]
        elif other in ("contact_email", "contact_phone"):
            member = "emails" if other == "contact_email" else "phones"
            people = row["contacts"] if this == "lead" else [row]
            related = [entry for person in people for entry in person[member]]
        elif this == "contact" and other == "lead":
            related = [self._store.shown_lead(self._store.leads[row["lead_id"]])]
        else:
            raise refused("query", "Unknown relation.")
        return related


class _Results:
    def __init__(
        self, ids: list[str], table: dict[str, Row], show: Callable[[Row], Row], wanted: list[str], kind: str
    ) -> None:
        self.ids = ids
        self.given = 0
        self.asked_at: datetime | None = None
        self.name: str | None = None
        self._table = table
        self._show = show
        self._wanted = wanted
        self._kind = kind

    def shown(self, row_id: str) -> Row | None:
        """The selected members; ``custom`` selects all custom fields. None: deleted meanwhile."""
        stored = self._table.get(row_id)
        if stored is None:
            return None
        row = self._show(stored)
        chosen = {name: row[name] for name in self._wanted if name in row}
        if "custom" in self._wanted:
            chosen |= {name: value for name, value in row.items() if name.startswith("custom.")}
        return chosen | {"__object_type": self._kind}


def _object_type(query: dict[str, Any]) -> str | None:
    if query.get("type") == "object_type":
        return str(query.get("object_type"))
    found = (_object_type(part) for part in query.get("queries", ()))
    return next((kind for kind in found if kind is not None), None)


def _value(row: Row, field: dict[str, Any]) -> Any:
    if field.get("type") == "custom_field":
        return row.get(f"custom.{field['custom_field_id']}")
    return row.get(field["field_name"])


def _holds(condition: dict[str, Any], value: Any) -> bool:
    match condition.get("type"):
        case "text":
            return _text_matches(condition.get("mode", "full_words"), str(condition["value"]), str(value or ""))
        case "moment_range":
            return value is not None and _in_range(condition, value)
        case "term":
            return any(value == wanted for wanted in condition["values"])
        case "exists":
            return value not in (None, "", [])
    raise Refused(400, {"errors": ["Unknown condition."], "field-errors": {}})


def _text_matches(mode: str, wanted: str, value: str) -> bool:
    wanted, value = wanted.lower(), value.lower()
    if mode == "exact_value":
        return wanted == value
    wanted_words, words = _WORD.findall(wanted), _WORD.findall(value)
    if mode == "phrase":
        size = len(wanted_words)
        return any(words[i : i + size] == wanted_words for i in range(len(words) - size + 1))
    if mode == "beginning_of_words":
        return all(any(word.startswith(part) for word in words) for part in wanted_words)
    return set(wanted_words) <= set(words)


def _in_range(condition: dict[str, Any], value: str) -> bool:
    """The index keeps milliseconds."""
    moment = at(value)
    indexed = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    start, end = condition.get("on_or_after"), condition.get("before")
    return (start is None or indexed >= at(start["value"])) and (end is None or indexed < at(end["value"]))
