"""The simulated organisation's e-mail: drafts, what is sent, what comes in, and addresses that are unsubscribed."""

from email.utils import parseaddr
from typing import Any

from simulators.close.event_log import at
from simulators.close.fields import refused
from simulators.close.store import CloseStore, Row
from simulators.rest import Refused

_STATUSES = ("inbox", "draft", "scheduled", "outbox", "sent", "error")
_NEED_SENDER = frozenset({"inbox", "scheduled", "outbox", "error"})
_CHANGEABLE = (
    "contact_id subject body_text body_html to cc bcc sender status date_scheduled in_reply_to_id email_account_id"
    " template_id user_id followup_date send_in"
).split()
_MOST_SEND_IN_S = 60
_OUR_ADDRESS = "sales@example.com"


class Mailroom:
    """``receive``, ``bounce`` and ``send_draft`` are what people and other servers do."""

    def __init__(self, store: CloseStore) -> None:
        self._store = store
        self._on_their_way: set[str] = set()

    @property
    def unsubscribed(self) -> list[str]:
        return sorted(self._store.unsubscribed)

    def every(self) -> list[Row]:
        return [row for row in self._store.activities.values() if row["_type"] == "Email"]

    def create(self, body: Row) -> Row:
        lead = self._store.leads.get(str(body.get("lead_id", "")))
        if lead is None:
            raise refused("lead_id", "Object not found.")
        wanted = self._checked(body, {})
        incoming = wanted["status"] == "inbox"
        if wanted["status"] == "sent":
            wanted.setdefault("sender", _OUR_ADDRESS)
        thread = self._thread(wanted.get("in_reply_to_id"))
        blank: Row = {
            "_type": "Email",
            "lead_id": lead["id"],
            "contact_id": None,
            "user_id": "user_simulated",
            "user_name": "Sim Ulated",
            "direction": "incoming" if incoming else "outgoing",
            "sender": None,
            "to": [],
            "cc": [],
            "bcc": [],
            "subject": "",
            "body_text": "",
            "body_html": "",
            "attachments": [],
            "opens": [],
            "opens_summary": None,
            "has_reply": False,
            "need_smtp_credentials": False,
            "send_attempts": [],
            "template_id": None,
            "email_account_id": None,
            "bulk_email_action_id": None,
            "sequence_subscription_id": None,
            "date_scheduled": None,
            "date_sent": None,
            "in_reply_to_id": None,
            "thread_id": thread or self._store.new_id("acti"),
        }
        row = self._store.add_activity(blank | wanted)
        row["activity_at"] = row["date_created"]
        row["body_preview"] = row["body_text"][:180]
        if row["status"] in ("sent", "inbox"):
            row["date_sent"] = body.get("date_sent") or row["date_created"]
        row["envelope"] = body.get("envelope") or _envelope(row)
        self._store.tell_activity(row, "created")
        self._watch(row)
        return dict(row)

    def one(self, mail_id: str) -> Row:
        return dict(self._store.activity("Email", mail_id))

    def update(self, mail_id: str, body: Row) -> Row:
        row = self._store.activity("Email", mail_id)
        if row["status"] not in ("draft", "scheduled", "outbox"):
            raise Refused(400, {"error": "Only drafts can be modified."})
        if row["status"] != "draft" and body.get("status") != "draft":
            raise Refused(400, {"error": "Only drafts can be modified."})
        self._store.change_activity(row, self._checked({"status": row["status"]} | body, row))
        self._watch(row)
        return dict(row)

    def delete(self, mail_id: str) -> None:
        self._store.delete_activity("Email", mail_id)

    def settle(self) -> None:
        """What has been in the outbox for long enough is sent."""
        now = self._store.now()
        for mail_id in sorted(self._on_their_way):
            row = self._store.activities.get(mail_id)
            if row is None or row["status"] not in ("outbox", "scheduled"):
                self._on_their_way.discard(mail_id)
                continue
            waits_s = self._store.options.outbox_s + float(row.get("send_in") or 0)
            if row["status"] == "scheduled" and at(row["date_scheduled"]) > now:
                continue
            if (now - at(row["date_updated"])).total_seconds() >= waits_s:
                self._send(row)

    def _watch(self, row: Row) -> None:
        if row["status"] in ("outbox", "scheduled"):
            self._on_their_way.add(row["id"])

    def send_draft(self, mail_id: str) -> None:
        """A salesperson has read the draft, and sends it."""
        self._send(self._store.activity("Email", mail_id))

    def receive(self, sender: str, mail_id: str, text: str, **about: Any) -> Row:
        """Somebody answers a message. ``in_thread`` false: in a new one. ``automatic``: their machine does."""
        answered = self._store.activity("Email", mail_id)
        in_thread, automatic = about.pop("in_thread", True), about.pop("automatic", False)
        body = {
            "lead_id": answered["lead_id"],
            "contact_id": answered["contact_id"],
            "status": "inbox",
            "sender": sender,
            "to": [answered["sender"] or _OUR_ADDRESS],
            "subject": f"Re: {answered['subject']}",
            "body_text": text,
            "in_reply_to_id": mail_id if in_thread else None,
            **about,
        }
        made = self.create(body)
        self._store.activities[made["id"]]["envelope"]["is_autoreply"] = automatic
        answered["has_reply"] = answered["has_reply"] or in_thread
        return made

    def bounce(self, mail_id: str) -> Row:
        """The recipient's server takes no message to this address."""
        address = self._store.activity("Email", mail_id)["to"][0]
        text = f"Address not found. Your message wasn't delivered to {address}."
        return self.receive("Mail Delivery Subsystem <mailer-daemon@mail.example.net>", mail_id, text)

    def unsubscribe(self, body: Row) -> Row:
        address = str(body.get("email", "")).strip().lower()
        if "@" not in address:
            raise refused("email", "Invalid email address.")
        if address not in self._store.unsubscribed:
            self._store.unsubscribed.add(address)
            self._store.tell_unsubscribed(address, "created")
        return {"email": address}

    def resubscribe(self, address: str) -> None:
        if address not in self._store.unsubscribed:
            raise Refused(404, {"error": "Object not found."})
        self._store.unsubscribed.discard(address)
        self._store.tell_unsubscribed(address, "deleted")

    def _send(self, row: Row) -> None:
        stamp = self._store.now().isoformat(timespec="microseconds")
        sender = row["sender"] or _OUR_ADDRESS
        refused_as = self._store.options.refused_senders
        if parseaddr(sender)[1].lower() in refused_as:
            attempt = {"date": stamp, "error_class": "SMTPSenderRefused", "error_message": "The sender was refused."}
            self._store.change_activity(row, {"status": "error", "send_attempts": [*row["send_attempts"], attempt]})
            return
        self._store.change_activity(row, {"status": "sent", "sender": sender, "date_sent": stamp, "activity_at": stamp})
        row["envelope"] = _envelope(row)

    def _checked(self, body: Row, before: Row) -> Row:
        wanted = {name: body[name] for name in _CHANGEABLE if name in body and body[name] is not None}
        status = wanted.get("status")
        if status not in _STATUSES:
            raise refused("status", "Not a valid choice.")
        if status in _NEED_SENDER and not (wanted.get("sender") or before.get("sender")):
            raise refused("sender", "This field is required.")
        sender = parseaddr(wanted.get("sender") or "")[1].lower()
        if status in ("outbox", "scheduled") and sender in self._store.options.unconnected_senders:
            raise refused("sender", "Not a connected email account.")
        if status == "scheduled" and not wanted.get("date_scheduled"):
            raise refused("date_scheduled", "This field is required.")
        if float(wanted.get("send_in", 0)) >= _MOST_SEND_IN_S:
            raise refused("send_in", "Must be less than 60.")
        if not isinstance(wanted.get("to", []), list):
            raise refused("to", "Must be a list.")
        if "contact_id" in wanted and wanted["contact_id"] not in self._store.contacts:
            raise refused("contact_id", "Object not found.")
        return wanted

    def _thread(self, mail_id: str | None) -> str | None:
        before = self._store.activities.get(mail_id or "")
        return before["thread_id"] if before is not None else None


def _envelope(row: Row) -> Row:
    def box(text: str) -> Row:
        name, address = parseaddr(text)
        return {"email": address, "name": name}

    return {
        "from": [box(row["sender"])] if row["sender"] else [],
        "to": [box(entry) for entry in row["to"]],
        "cc": [],
        "bcc": [],
        "sender": [],
        "reply_to": [],
        "date": row["date_sent"],
        "subject": row["subject"],
        "message_id": f"<{row['id']}@mail.example.com>",
        "in_reply_to": f"<{row['in_reply_to_id']}@mail.example.com>" if row["in_reply_to_id"] else None,
        "is_autoreply": False,
    }
