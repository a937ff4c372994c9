"""The event log: everything that happened, consolidated, newest first."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

Event = dict[str, Any]

ALLOWED_FILTERS = {
    frozenset(names.split())
    for names in (
        "",
        "object_type object_id",
        "object_type action",
        "object_id action",
        "lead_id object_type",
        "lead_id object_type action",
        "lead_id user_id object_type",
        "lead_id user_id object_type action",
        "lead_id user_id",
        "user_id object_id",
        "user_id object_id action",
        "user_id object_type",
        "user_id object_type action",
        "lead_id",
        "user_id",
        "request_id",
    )
}
"""The combinations Close answers; any other is a 400."""


class EventLog:
    """``now`` gives Close's time, ``new_id`` ids; ``published`` hears of every new or changed event."""

    def __init__(self, now: Callable[[], datetime], new_id: Callable[[str], str]) -> None:
        self._now = now
        self._new_id = new_id
        self.entries: list[Event] = []
        self._latest: dict[str, Event] = {}
        self.published: Callable[[Event], None] = lambda event: None

    def record(
        self,
        kind: str,
        action: str,
        data: dict[str, Any],
        *,
        previous: dict[str, Any] | None = None,
        meta: dict[str, Any] | None = None,
        request_id: str,
        consolidation_s: float,
    ) -> None:
        """Note what happened; an update soon after another of the same object joins its event."""
        moment = self._now()
        if action == "updated" and (earlier := self._joinable(data["id"], moment, consolidation_s, meta)):
            self._join(earlier, data, previous or {}, moment)
            self.published(earlier)
            return
        stamp = moment.isoformat(timespec="microseconds").removesuffix("+00:00")
        event = {
            "id": self._new_id("ev"),
            "date_created": stamp,  # without a zone, as Close writes events
            "date_updated": stamp,
            "object_type": kind,
            "object_id": data["id"],
            "lead_id": data["id"] if kind == "lead" else data.get("lead_id"),
            "action": action,
            "changed_fields": sorted(previous or {}),
            "data": None if action == "deleted" else data,
            "previous_data": previous or {},
            "meta": meta or {},
            "organization_id": "orga_simulated",
            "user_id": "user_simulated",
            "api_key_id": "api_simulated",
            "request_id": request_id,
        }
        self.entries.append(event)
        self._latest[event["object_id"]] = event
        self.published(event)

    def _joinable(self, object_id: str, moment: datetime, within_s: float, meta: dict[str, Any] | None) -> Event | None:
        last = self._latest.get(object_id)
        if last is None or last["action"] != "updated" or last["meta"] or meta:
            return None
        return last if (moment - at(last["date_updated"])).total_seconds() < within_s else None

    def _join(self, event: Event, data: dict[str, Any], previous: dict[str, Any], moment: datetime) -> None:
        event["previous_data"] = previous | event["previous_data"]
        event["changed_fields"] = sorted(event["previous_data"])
        event["data"] = data
        event["date_updated"] = moment.isoformat(timespec="microseconds").removesuffix("+00:00")

    def matching(
        self, filters: dict[str, str], since: datetime | None, until: datetime | None, *, lag_s: float = 0.0
    ) -> list[Event]:
        """Newest first. ``lag_s``: every second event is shown only when it is so old."""
        shown_until = self._now() - timedelta(seconds=lag_s)
        found = [
            event
            for number, event in enumerate(self.entries)
            if (number % 2 == 0 or at(event["date_created"]) <= shown_until)
            and all(event[name] == value for name, value in filters.items())
            and (since is None or at(event["date_updated"]) >= since)
            and (until is None or at(event["date_updated"]) <= until)
        ]
        return sorted(found, key=lambda event: (event["date_updated"], event["id"]), reverse=True)


def at(text: str) -> datetime:
    """A time as clients and events write it; without a zone it is UTC."""
    moment = datetime.fromisoformat(text.replace(" ", "+"))
    return moment if moment.tzinfo else datetime.fromisoformat(f"{moment.isoformat()}+00:00")
