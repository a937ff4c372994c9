"""Close's records as the API sends them. Unknown members are ignored; custom fields are gathered in ``custom``.

Times are aware and in UTC: Close writes most with an offset and some, in events, without one.
"""

from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

CUSTOM_PREFIX = "custom."


def in_utc(moment: datetime) -> datetime:
    """Close's times without a zone are UTC. Raises ValueError for one that is out of the calendar there."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time out of the calendar") from error


class Record(Struct, frozen=True, kw_only=True):
    """What every stored object has."""

    id: str
    date_created: datetime | None = None
    date_updated: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("date_created", "date_updated"):
            moment = getattr(self, name)
            if moment is not None:
                msgspec.structs.force_setattr(self, name, in_utc(moment))


class Email(Struct, frozen=True):
    """``type``: office, home, direct or other."""

    email: str
    type: str = "office"


class Phone(Struct, frozen=True):
    """``phone`` is E.164. ``type``: office, mobile, direct, home, fax or other."""

    phone: str
    type: str = "office"


class Url(Struct, frozen=True):
    url: str
    type: str = "url"


class Contact(Record, frozen=True, kw_only=True):
    lead_id: str | None = None
    name: str | None = None
    title: str | None = None
    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    urls: tuple[Url, ...] = ()
    custom: dict[str, Any] = {}


class Opportunity(Record, frozen=True, kw_only=True):
    """``value`` is in cents of ``value_currency``; ``confidence`` in percent."""

    lead_id: str
    contact_id: str | None = None
    status_id: str | None = None
    status_label: str | None = None
    status_type: Literal["active", "won", "lost"] | None = None
    confidence: int | None = None
    value: int | None = None
    value_period: Literal["one_time", "monthly", "annual"] | None = None
    value_currency: str | None = None
    note: str | None = None
    user_id: str | None = None
    custom: dict[str, Any] = {}


class Lead(Record, frozen=True, kw_only=True):
    """``name`` may be empty."""

    name: str | None = None
    contacts: tuple[Contact, ...] = ()
    opportunities: tuple[Opportunity, ...] = ()


class Activity(Record, frozen=True, kw_only=True):
    """Any activity; ``type`` is Close's name of its kind (Call, Note, Email …)."""

    type: str = msgspec.field(name="_type", default="")
    lead_id: str | None = None
    contact_id: str | None = None
    user_id: str | None = None
    note: str | None = None
    note_html: str | None = None
    direction: str | None = None
    status: str | None = None
    disposition: str | None = None
    phone: str | None = None
    duration: int | None = None
    recording_url: str | None = None


class AddressMark(Struct, frozen=True):
    """``is_unsubscribed``: it is to get nothing automatic."""

    email: str
    is_unsubscribed: bool = False


class ContactMarks(Record, frozen=True, kw_only=True):
    """Of a contact what is read and never written."""

    emails: tuple[AddressMark, ...] = ()


class Mailbox(Struct, frozen=True):
    email: str | None = None
    name: str | None = None


class Envelope(Struct, frozen=True, rename={"from_": "from"}):
    """What the message itself says."""

    from_: tuple[Mailbox, ...] = ()
    message_id: str | None = None
    in_reply_to: str | None = None
    is_autoreply: bool | None = None


class SendAttempt(Struct, frozen=True):
    """``error_class``: of the mail server's answer, such as ``SMTPSenderRefused``."""

    error_class: str | None = None


class EmailActivity(Record, frozen=True, kw_only=True):
    """One message. ``date_sent``: of an incoming one too. ``activity_at``: where it stands in the lead's history."""

    lead_id: str | None = None
    contact_id: str | None = None
    direction: str | None = None
    status: Literal["draft", "scheduled", "outbox", "sent", "inbox", "error"] | None = None
    sender: str | None = None
    to: tuple[str, ...] = ()
    subject: str | None = None
    body_text: str | None = None
    body_html: str | None = None
    thread_id: str | None = None
    in_reply_to_id: str | None = None
    envelope: Envelope | None = None
    send_attempts: tuple[SendAttempt, ...] = ()
    date_sent: datetime | None = None
    activity_at: datetime | None = None

    def __post_init__(self) -> None:
        Record.__post_init__(self)
        for name in ("date_sent", "activity_at"):
            moment = getattr(self, name)
            if moment is not None:
                msgspec.structs.force_setattr(self, name, in_utc(moment))


class CustomField(Record, frozen=True, kw_only=True):
    name: str
    type: str
    choices: tuple[str, ...] | None = None
    accepts_multiple_values: bool = False


class Status(Struct, frozen=True):
    """A lead's or opportunity's status; ``type`` is active, won or lost and only opportunities have one."""

    id: str
    label: str
    type: str | None = None


class Organization(Struct, frozen=True):
    id: str
    name: str | None = None


class Me(Struct, frozen=True):
    """The user a key belongs to."""

    id: str
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    organizations: tuple[Organization, ...] = ()


class Event(Record, frozen=True, kw_only=True):
    """An entry of the event log, or a webhook's. ``data`` is the object after the change, None once it is deleted."""

    object_type: str
    object_id: str
    action: str
    lead_id: str | None = None
    data: dict[str, Any] | None = None
    previous_data: dict[str, Any] | None = None
    meta: dict[str, Any] = {}


class WebhookEvent(Struct, frozen=True):
    """What a subscription is told of."""

    object_type: str
    action: str


class WebhookSubscription(Struct, frozen=True):
    """``signature_key`` (hex) is shown on creation only. ``status``: active or paused."""

    id: str
    url: str
    status: str = "active"
    events: tuple[WebhookEvent, ...] = ()
    signature_key: str | None = None


R = TypeVar("R", bound=Struct)


def read(form: type[R], raw: dict[str, Any]) -> R:
    """``raw`` as a record. Raises msgspec.ValidationError."""
    prepared = _with_custom(raw)
    for name in ("contacts", "opportunities"):
        if isinstance(prepared.get(name), list):
            prepared[name] = [_with_custom(held) for held in prepared[name]]
    return msgspec.convert(prepared, form)


def _with_custom(raw: dict[str, Any]) -> dict[str, Any]:
    """Members ``custom.cf_x`` gathered under ``custom``; the older ``custom`` object, keyed by label, gives way."""
    plain = {name: value for name, value in raw.items() if not name.startswith("custom")}
    prefix = len(CUSTOM_PREFIX)
    plain["custom"] = {name[prefix:]: value for name, value in raw.items() if name.startswith(CUSTOM_PREFIX)}
    return plain


def custom_members(values: dict[str, Any]) -> dict[str, Any]:
    """Custom field values under the names Close writes and reads them by."""
    return {f"{CUSTOM_PREFIX}{field_id}": value for field_id, value in values.items()}
