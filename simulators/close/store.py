"""The simulated organisation: leads with contacts, opportunities and activities, and what changing them entails."""

import itertools
import string
from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from simulators.close import fields
from simulators.close.event_log import EventLog
from simulators.close.options import CloseOptions
from simulators.rest import Refused

Row = dict[str, Any]

_LETTERS = string.ascii_letters + string.digits

LEAD_STATUSES = ({"id": "stat_potential", "label": "Potential"}, {"id": "stat_qualified", "label": "Qualified"})
DEAL_STATUSES = (
    {"id": "stat_active", "label": "Active", "type": "active"},
    {"id": "stat_won", "label": "Won", "type": "won"},
    {"id": "stat_lost", "label": "Lost", "type": "lost"},
)


class CloseStore:
    """Everything the organisation holds. ``clock`` is seconds since the epoch; the same seed makes the same ids."""

    def __init__(self, *, seed: int, clock: Callable[[], float], options: CloseOptions) -> None:
        self.options = options
        self._clock = clock
        self._random = Random(f"{seed}/close")
        self._requests = itertools.count(1)
        self.leads: dict[str, Row] = {}
        self.contacts: dict[str, Row] = {}
        self.opportunities: dict[str, Row] = {}
        self.activities: dict[str, Row] = {}
        self.unsubscribed: set[str] = set()
        self.custom_fields: dict[str, dict[str, str]] = {"lead": {}, "contact": {}, "opportunity": {}, "activity": {}}
        self.log = EventLog(self.now, self.new_id)
        self._request_id = "req_0"

    def now(self) -> datetime:
        """Close's own time."""
        return datetime.fromtimestamp(self._clock(), UTC) + timedelta(seconds=self.options.clock_skew_s)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{''.join(self._random.choices(_LETTERS, k=43 if prefix != 'ev' else 22))}"

    def begin_request(self) -> None:
        """All events until the next call belong to one request."""
        self._request_id = f"req_{next(self._requests)}"

    # leads

    def shown_lead(self, lead: Row) -> Row:
        """The lead as the API shows it, contacts and opportunities included."""
        people = self._of_lead(self.contacts, lead["id"])
        shown = lead | {"contacts": people, "opportunities": self._of_lead(self.opportunities, lead["id"]), "tasks": []}
        shown["display_name"] = lead["name"] or next((c["name"] for c in people if c["name"]), "") or "Untitled"
        shown["status_label"] = next(s["label"] for s in LEAD_STATUSES if s["id"] == lead["status_id"])
        shown["html_url"] = f"https://app.close.com/lead/{lead['id']}/"
        return deepcopy(shown)

    def create_lead(self, body: Row) -> Row:
        wanted = fields.read(body, fields.LEAD, self.custom_fields["lead"], {})
        self._check_lead_status(wanted)
        people = fields.read_people(body.get("contacts") or [], self.custom_fields["contact"])
        blank: Row = {"name": "", "description": "", "url": None, "status_id": "stat_potential", "addresses": []}
        lead = self._stored(self.leads, "lead", blank | wanted)
        for person in people:
            self._add_contact(lead, person)
        self._record("lead", "created", self.shown_lead(lead))
        return self.shown_lead(lead)

    def update_lead(self, lead_id: str, body: Row) -> Row:
        lead = self.found(self.leads, lead_id)
        wanted = fields.read(body, fields.LEAD, self.custom_fields["lead"], lead)
        self._check_lead_status(wanted)
        self._change("lead", lead, wanted)
        return self.shown_lead(lead)

    def delete_lead(self, lead_id: str, meta: Row | None = None) -> None:
        lead = self.found(self.leads, lead_id)
        for kind, table in (("contact", self.contacts), ("opportunity", self.opportunities)):
            for row in [row for row in table.values() if row["lead_id"] == lead_id]:
                del table[row["id"]]
                self._record(kind, "deleted", row, meta=meta)
        for row in [row for row in self.activities.values() if row["lead_id"] == lead_id]:
            del self.activities[row["id"]]
            self._record(f"activity.{row['_type'].lower()}", "deleted", row, meta=meta)
        del self.leads[lead_id]
        self._record("lead", "deleted", lead, meta=meta)

    def merge_leads(self, source_id: str, destination_id: str) -> None:
        """Everything of the source goes to the destination, the source goes away."""
        source, destination = self.found(self.leads, source_id), self.found(self.leads, destination_id)
        if source is destination:
            raise Refused(400, {"error": "Source and destination must differ."})
        meta = {"merge_source_lead_id": source_id, "merge_destination_lead_id": destination_id}
        for kind, table in (("contact", self.contacts), ("opportunity", self.opportunities)):
            for row in [row for row in table.values() if row["lead_id"] == source_id]:
                self._change(kind, row, {"lead_id": destination_id}, meta=meta)
        for row in self.activities.values():
            if row["lead_id"] == source_id:
                row["lead_id"] = destination_id
        before: Row = {"contact_ids": []}
        self._touch(destination)
        self._record("lead", "updated", self.shown_lead(destination), previous=before, meta=meta)
        self._record("lead", "merged", self.shown_lead(destination), meta=meta)
        self.delete_lead(source_id, meta)

    # contacts

    def create_contact(self, body: Row) -> Row:
        if not body.get("lead_id"):
            raise fields.refused("lead_id", "This field is required.")
        if body["lead_id"] not in self.leads:
            raise fields.refused("lead_id", "Object not found.")
        person = fields.read(body, fields.CONTACT, self.custom_fields["contact"], {})
        lead = self.leads[body["lead_id"]]
        before = [row["id"] for row in self._of_lead(self.contacts, lead["id"])]
        contact = self._add_contact(lead, person)
        self._touch(lead)
        self._record("lead", "updated", self.shown_lead(lead), previous={"contact_ids": before})
        return deepcopy(contact)

    def update_contact(self, contact_id: str, body: Row) -> Row:
        contact = self.found(self.contacts, contact_id)
        wanted = fields.read(body, (*fields.CONTACT, "lead_id"), self.custom_fields["contact"], contact)
        self._mark(wanted)
        if self._change("contact", contact, wanted):
            self._touch(self.leads[contact["lead_id"]])
        return deepcopy(contact)

    def delete_contact(self, contact_id: str) -> None:
        contact = self.found(self.contacts, contact_id)
        lead = self.leads[contact["lead_id"]]
        before = [row["id"] for row in self._of_lead(self.contacts, lead["id"])]
        del self.contacts[contact_id]
        self._record("contact", "deleted", contact)
        self._touch(lead)
        self._record("lead", "updated", self.shown_lead(lead), previous={"contact_ids": before})

    # opportunities and activities

    def create_opportunity(self, body: Row) -> Row:
        lead = self._named_lead(body)
        wanted = fields.read(body, fields.OPPORTUNITY, self.custom_fields["opportunity"], {})
        blank = {"lead_id": lead["id"], "contact_id": None, "status_id": "stat_active", "confidence": 50, "value": None}
        blank |= {"value_period": "one_time", "value_currency": "USD", "note": "", "user_id": "user_simulated"}
        row = self._stored(self.opportunities, "oppo", blank | self._with_deal_status(blank | wanted))
        self._touch(lead)
        self._record("opportunity", "created", row)
        return deepcopy(row)

    def update_opportunity(self, opportunity_id: str, body: Row) -> Row:
        row = self.found(self.opportunities, opportunity_id)
        wanted = fields.read(body, fields.OPPORTUNITY, self.custom_fields["opportunity"], row)
        self._change("opportunity", row, self._with_deal_status(row | wanted))
        return deepcopy(row)

    def delete_opportunity(self, opportunity_id: str) -> None:
        row = self.found(self.opportunities, opportunity_id)
        del self.opportunities[opportunity_id]
        self._record("opportunity", "deleted", row)

    def create_activity(self, kind: str, body: Row) -> Row:
        """``kind`` is Call or Note."""
        lead = self._named_lead(body)
        wanted = fields.read(body, fields.CALL if kind == "Call" else fields.NOTE, {}, {})
        blank: Row = {"_type": kind, "lead_id": lead["id"], "contact_id": None, "user_id": "user_simulated"}
        if kind == "Call":
            blank |= {"status": "completed", "direction": "outbound", "duration": 0, "source": "External"}
        row = self._stored(self.activities, "acti", blank | wanted)
        self._touch(lead)
        self._record(f"activity.{kind.lower()}", "created", row)
        return deepcopy(row)

    def update_activity(self, kind: str, activity_id: str, body: Row) -> Row:
        row = self.activity(kind, activity_id)
        wanted = fields.read(body, fields.CALL if kind == "Call" else fields.NOTE, {}, row)
        self._change(f"activity.{kind.lower()}", row, wanted)
        return deepcopy(row)

    def delete_activity(self, kind: str, activity_id: str) -> None:
        row = self.activity(kind, activity_id)
        del self.activities[activity_id]
        self._record(f"activity.{kind.lower()}", "deleted", row)

    def add_activity(self, row: Row) -> Row:
        """Without telling of it yet."""
        return self._stored(self.activities, "acti", row)

    def tell_activity(self, row: Row, action: str) -> None:
        self._touch(self.leads[row["lead_id"]])
        self._record(f"activity.{row['_type'].lower()}", action, row)

    def change_activity(self, row: Row, wanted: Row) -> None:
        self._change(f"activity.{row['_type'].lower()}", row, wanted)

    def tell_unsubscribed(self, address: str, action: str) -> None:
        """Marked with every contact that has it; none counts as changed by that."""
        told = {"id": f"unsub_{address}", "email": address}
        self._record("unsubscribed_email", action, told, previous=told if action == "deleted" else None)
        for contact in self.contacts.values():
            self._mark(contact)

    def create_custom_field(self, owner: str, body: Row) -> Row:
        if not body.get("name"):
            raise fields.refused("name", "This field is required.")
        field_id = self.new_id("cf")
        self.custom_fields[owner][field_id] = body["name"]
        return {"id": field_id, "name": body["name"], "type": body.get("type", "text")}

    # the common ground

    def found(self, table: dict[str, Row], row_id: str) -> Row:
        row = table.get(row_id)
        if row is None:
            raise Refused(404, {"error": "Object not found."})
        return row

    def activity(self, kind: str, activity_id: str) -> Row:
        row = self.found(self.activities, activity_id)
        if row["_type"] != kind:
            raise Refused(404, {"error": "Object not found."})
        return row

    def _named_lead(self, body: Row) -> Row:
        lead = self.leads.get(body.get("lead_id", ""))
        if lead is None:
            raise fields.refused("lead_id", "Object not found.")
        return lead

    def _add_contact(self, lead: Row, person: Row) -> Row:
        blank = {"lead_id": lead["id"], "name": "", "title": "", "emails": [], "phones": [], "urls": []}
        self._mark(person)
        contact = self._stored(self.contacts, "cont", blank | person)
        contact["display_name"] = contact["name"]
        self._record("contact", "created", contact)
        return contact

    def _mark(self, contact: Row) -> None:
        for entry in contact.get("emails", ()):
            entry["is_unsubscribed"] = entry["email"] in self.unsubscribed

    def _stored(self, table: dict[str, Row], prefix: str, row: Row) -> Row:
        stamp = self._stamp()
        made = {"id": self.new_id(prefix), "date_created": stamp, "date_updated": stamp, "created_by": "user_simulated"}
        row = deepcopy(row) | made | {"organization_id": "orga_simulated"}
        table[row["id"]] = row
        return row

    def _change(self, kind: str, row: Row, wanted: Row, meta: Row | None = None) -> bool:
        """Set what differs; False, and no event, when nothing does."""
        previous = {name: row.get(name) for name, value in wanted.items() if row.get(name) != value}
        if not previous:
            return False
        previous["date_updated"] = row["date_updated"]
        row |= {name: deepcopy(value) for name, value in wanted.items()}
        for name in [name for name, value in row.items() if name.startswith("custom.") and value in (None, [])]:
            del row[name]
        if kind == "contact":
            row["display_name"] = row["name"]
        self._touch(row)
        shown = self.shown_lead(row) if kind == "lead" else row
        self._record(kind, "updated", shown, previous=previous, meta=meta)
        return True

    def _touch(self, row: Row) -> None:
        row["date_updated"] = self._stamp()

    def _stamp(self) -> str:
        return self.now().isoformat(timespec="microseconds")

    def _record(self, kind: str, action: str, data: Row, previous: Row | None = None, meta: Row | None = None) -> None:
        self.log.record(
            kind,
            action,
            deepcopy(data),
            previous=deepcopy(previous),
            meta=meta,
            request_id=self._request_id,
            consolidation_s=self.options.consolidation_s,
        )

    def _of_lead(self, table: dict[str, Row], lead_id: str) -> list[Row]:
        return [row for row in table.values() if row["lead_id"] == lead_id]

    def _check_lead_status(self, wanted: Row) -> None:
        if "status_id" in wanted and wanted["status_id"] not in {status["id"] for status in LEAD_STATUSES}:
            raise fields.refused("status_id", "Unknown status.")

    def _with_deal_status(self, row: Row) -> Row:
        status = next((status for status in DEAL_STATUSES if status["id"] == row["status_id"]), None)
        if status is None:
            raise fields.refused("status_id", "Unknown status.")
        won = self.now().date().isoformat() if status["type"] == "won" else row.get("date_won")
        return row | {"status_label": status["label"], "status_type": status["type"], "date_won": won}


def newest_first(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["date_created"], row["id"]), reverse=True)
