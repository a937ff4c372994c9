"""Reads what a request wants to write, and refuses what Close refuses."""

import re
from typing import Any

from simulators.rest import Refused

_EMAIL = re.compile(r"[^@\s.]+(\.[^@\s.]+)*@([^@\s.]+\.)+[a-z]{2,63}")
"""No two dots in a row, none beside the @, and letters at the end."""
_PHONE = re.compile(r"\+[1-9]\d{6,14}")

LEAD = ("name", "description", "url", "status_id")
CONTACT = ("name", "title", "emails", "phones", "urls")
OPPORTUNITY = (
    "contact_id",
    "status_id",
    "confidence",
    "value",
    "value_period",
    "value_currency",
    "note",
    "user_id",
    "date_won",
)
NOTE = ("contact_id", "note", "note_html", "user_id")
CALL = (*NOTE, "direction", "status", "disposition", "phone", "duration", "recording_url")

_CHOICES = {
    "direction": {"inbound", "outbound"},
    "status": {"created", "in-progress", "completed", "cancelled", "no-answer", "busy", "failed", "timeout"},
    "disposition": {"answered", "no-answer", "vm-left", "vm-answer", "busy", "blocked", "error", "abandoned"},
    "value_period": {"one_time", "monthly", "annual"},
}


def refused(field: str, message: str | dict[str, Any]) -> Refused:
    return Refused(400, {"errors": [], "field-errors": {field: message}})


def read(
    body: dict[str, Any], names: tuple[str, ...], custom: dict[str, str], before: dict[str, Any]
) -> dict[str, Any]:
    """The members to set. ``custom`` are the known custom fields, ``before`` what the object holds now."""
    wanted: dict[str, Any] = {}
    for name, value in body.items():
        if name.startswith("custom."):
            wanted |= _custom(name.removeprefix("custom."), value, custom, before)
        elif name in names:
            wanted[name] = _checked(name, value)
    if "note_html" in wanted:
        wanted["note"] = re.sub(r"<[^>]+>", "", (wanted["note_html"] or "").replace("</p>", "\n")).strip()
    elif "note" in wanted and "note_html" in names:
        wanted["note_html"] = f"<p>{wanted['note']}</p>"
    return wanted


def read_people(people: list[dict[str, Any]], custom: dict[str, str]) -> list[dict[str, Any]]:
    """The contacts a lead is to be made with. What is wrong with them is told by their places."""
    wanted, wrong = [], {}
    for place, person in enumerate(people):
        try:
            wanted.append(read(person, CONTACT, custom, {}))
        except Refused as refusal:
            wrong[str(place)] = refusal.body
    if wrong:
        raise refused("contacts", {"errors": wrong})
    return wanted


def _custom(key: str, value: Any, known: dict[str, str], before: dict[str, Any]) -> dict[str, Any]:
    field_id, _, operation = key.partition(".")
    name = f"custom.{field_id}"
    if field_id not in known:
        raise refused(name, "Unknown custom field.")
    if operation == "add":
        held = [*before.get(name, []), value]
        return {name: list(dict.fromkeys(held))}
    if operation == "remove":
        return {name: [entry for entry in before.get(name, []) if entry != value]}
    return {name: value}


def _checked(name: str, value: Any) -> Any:
    if name == "emails":
        return [_email(entry) for entry in _entries(name, value)]
    if name == "phones":
        return [_phone(entry) for entry in _entries(name, value)]
    if name == "urls":
        return [{"url": entry.get("url"), "type": entry.get("type", "url")} for entry in _entries(name, value)]
    if name in _CHOICES and value is not None and value not in _CHOICES[name]:
        raise refused(name, "Not a valid choice.")
    if name == "recording_url" and value is not None and not value.startswith("https://"):
        raise refused(name, "Must start with https://")
    if name == "confidence" and value is not None and not 0 <= value <= 100:
        raise refused(name, "Must be between 0 and 100.")
    if name in ("value", "duration") and value is not None and not isinstance(value, int):
        raise refused(name, "Must be an integer.")
    return value


def _entries(name: str, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise refused(name, "Must be a list.")
    return value


def _email(entry: dict[str, Any]) -> dict[str, Any]:
    address = str(entry.get("email", "")).strip().lower()
    if not _EMAIL.fullmatch(address):
        raise refused("emails", "Invalid email address.")
    return {"email": address, "type": entry.get("type", "office"), "is_unsubscribed": False}


def _phone(entry: dict[str, Any]) -> dict[str, Any]:
    number = re.sub(r"[\s().-]", "", str(entry.get("phone", "")))
    if re.fullmatch(r"[2-9]\d{9}", number):
        number = f"+1{number}"
    if not _PHONE.fullmatch(number):
        raise refused("phones", "Invalid phone number.")
    country = "US" if number.startswith("+1") else None
    return {"phone": number, "phone_formatted": number, "country": country, "type": entry.get("type", "office")}
