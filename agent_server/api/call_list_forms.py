"""What the API of call lists takes and shows."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from agent_server.api.agent_profile_forms import Slug
from agent_server.api.call_report import HourOfCalls
from agent_server.api.campaign_audience import MOST_LEADS, Audience
from agent_server.api.endpoint import Call
from agent_server.telephony.outbound.opening import MOST_PURPOSE_CHARS
from agent_server.web.errors import Problem
from pipelines.calendar.rules import read_hours
from storage.calls.list_entries import CallOfEntry, EntryResult, EntryRow, EntryStatus, LeaveReason
from storage.calls.lists import CallListRow, CallListStatus
from storage.calls.outbound import CallStatus
from storage.postgres.cursor import MAX_LIMIT

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Purpose = Annotated[str, Meta(min_length=1, max_length=MOST_PURPOSE_CHARS, pattern=r"\S")]
MaxLeads = Annotated[int, Meta(ge=1, le=MOST_LEADS)]
PerHour = Annotated[int, Meta(ge=1, le=3600)]
AtOnce = Annotated[int, Meta(ge=1, le=100)]
Attempts = Annotated[int, Meta(ge=1, le=10)]
RetryMinutes = Annotated[int, Meta(ge=1, le=30 * 24 * 60)]
HoursText = Annotated[str, Meta(min_length=1, max_length=200)]
LeadIds = Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=MOST_LEADS)]


class NewCallList(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`purpose`: why you call, as the agent says it: "I'm calling about …". `audience`: leads as `/api/leads` lists
    them, the newest `max_leads`; or `lead_ids`. `per_hour`: calls that begin, evenly spread. `at_once`: lines it may
    use. `attempts`: to each person who is not reached, `retry_after_minutes` apart at least, at different times of day.
    `hours`: by their clock, such as `mon-fri 10:00-12:00, sat 10:00-11:00`; never beyond CALLING_HOURS. `agent`: the
    profile that talks, else the default one."""

    name: Name
    purpose: Purpose
    audience: Audience | None = None
    lead_ids: LeadIds | None = None
    max_leads: MaxLeads = 500
    per_hour: PerHour | None = None
    at_once: AtOnce = 3
    attempts: Attempts = 3
    retry_after_minutes: RetryMinutes = 240
    hours: HoursText | None = None
    agent: Slug | None = None


class CallListChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields left out stay as they are; `null` takes `per_hour`, `hours` and `agent` away."""

    name: Name | UnsetType = UNSET
    purpose: Purpose | UnsetType = UNSET
    per_hour: PerHour | UnsetType | None = UNSET
    at_once: AtOnce | UnsetType = UNSET
    attempts: Attempts | UnsetType = UNSET
    retry_after_minutes: RetryMinutes | UnsetType = UNSET
    hours: HoursText | UnsetType | None = UNSET
    agent: Slug | UnsetType | None = UNSET


class WhomToCall(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As of a new call list."""

    audience: Audience | None = None
    lead_ids: LeadIds | None = None
    max_leads: MaxLeads = 500


class PeopleToCall(Struct, frozen=True, kw_only=True):
    """`people` who would be called · `left_out`: those on the way who would not, by reason."""

    people: int
    left_out: dict[str, int]


class PeopleCounts(Struct, frozen=True, kw_only=True):
    """`waiting`: to be called, for the first time or again · `calling`: now · `left_out`, and why: never called."""

    waiting: int = 0
    calling: int = 0
    done: int = 0
    left_out: int = 0


class CallList(Struct, frozen=True, kw_only=True):
    """`draft` until it is started; `finished`: nobody waits any more. `reason` of a pause: `person`, `agent_deleted`
    (give it another `agent`, or null for the default one), or the code with which the carrier refuses every call.
    `results`: people who are done, by what came of it. `next_at`: when the next one is looked at; null: at once, or
    nobody waits."""

    id: UUID
    name: str
    purpose: str
    agent: str | None
    audience: Audience | None
    status: CallListStatus
    reason: str | None
    hours: str | None
    per_hour: int | None
    at_once: int
    attempts: int
    retry_after_minutes: int
    people: PeopleCounts
    results: dict[str, int]
    left_out: dict[str, int]
    next_at: datetime | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CallListQuery(Struct, frozen=True):
    """`archived`: those that were put away, instead of all others."""

    archived: bool = False
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None


class EntryQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    status: EntryStatus | None = None
    result: EntryResult | None = None


class FiguresQuery(Struct, frozen=True):
    """`time_zone`: of the hours, such as `Europe/Berlin`."""

    time_zone: Annotated[str, Meta(min_length=1, max_length=64)] = "UTC"


class EntryCall(Struct, frozen=True, kw_only=True):
    """`conversation_id`: once it is answered."""

    id: str
    status: CallStatus
    code: str | None
    conversation_id: str | None
    created_at: datetime
    dialled_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None


class CallListEntry(Struct, frozen=True, kw_only=True):
    """Somebody on a list. `result` of who is done: `booked`, `call_back`, `reached`, `not_interested`, `do_not_call`;
    `voicemail`, `no_answer`, `not_reached` after as many attempts as there are; `refused`, with the `reason`. `reason`
    of who is left out: `no_phone`, `no_consent`, `do_not_call`, `opted_out`, `not_interested`, `same_number`, `erased`,
    `merged`. `next_at`: when they are looked at next, while they wait; null: at once."""

    id: UUID
    lead_id: UUID | None
    contact_name: str | None
    company_name: str | None
    contact_phone: str | None
    status: EntryStatus
    result: EntryResult | None
    reason: str | None
    next_at: datetime | None
    updated_at: datetime
    calls: tuple[EntryCall, ...]


class PeopleOfResult(Struct, frozen=True, kw_only=True):
    result: EntryResult
    reason: str | None
    people: int


class CallListFigures(Struct, frozen=True, kw_only=True):
    """`results`: of people who are done, those refused or not reached by reason. `calls` that were dialled, with what
    became of them by the hour of the day; hours without any are left out."""

    results: tuple[PeopleOfResult, ...]
    calls: int
    time_zone: str
    hours: tuple[HourOfCalls, ...]


def shown(row: CallListRow) -> CallList:
    audience = msgspec.convert(row.audience, Audience) if row.audience is not None else None
    return CallList(
        id=row.id,
        name=row.name,
        purpose=row.purpose,
        agent=row.agent,
        audience=audience,
        status=row.status,
        reason=row.reason,
        hours=row.hours,
        per_hour=row.per_hour,
        at_once=row.at_once,
        attempts=row.attempts,
        retry_after_minutes=row.retry_after_minutes,
        people=PeopleCounts(**row.counts),
        results=dict(row.results.items()),
        left_out=row.left_out,
        next_at=row.next_at,
        archived_at=row.archived_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def shown_entry(row: EntryRow) -> CallListEntry:
    return CallListEntry(
        id=row.id,
        lead_id=row.lead_id,
        contact_name=row.contact_name,
        company_name=row.company_name,
        contact_phone=row.contact_phone,
        status=row.status,
        result=row.result,
        reason=row.reason,
        next_at=row.call_after if row.status == "waiting" else None,
        updated_at=row.updated_at,
        calls=tuple(map(_shown_call, row.calls)),
    )


def _shown_call(call: CallOfEntry) -> EntryCall:
    return EntryCall(
        id=call.id,
        status=call.status,
        code=call.code,
        conversation_id=call.conversation_id if call.answered_at is not None else None,
        created_at=call.created_at,
        dialled_at=call.dialled_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
    )


_TEXTS: Final = frozenset({"name", "purpose"})


def changed_fields(body: CallListChanges) -> dict[str, Any]:
    """Those that were given. Raises Problem ``invalid_value``."""
    given = {name: value for name in body.__struct_fields__ if (value := getattr(body, name)) is not UNSET}
    if given.get("hours") is not None:
        check_hours(given["hours"])
    return {name: value.strip() if name in _TEXTS else value for name, value in given.items()}


def check_hours(text: str) -> None:
    """Raises Problem ``invalid_value``."""
    try:
        read_hours(text)
    except ValueError as error:
        raise Problem(400, "invalid_value", f"{error}.".capitalize(), param="hours") from None


async def call_list_of(call: Call, list_id: UUID) -> CallList:
    """Raises Problem ``call_list_not_found``."""
    row = await call.services.call_lists.kept.get(list_id)
    if row is None:
        raise no_call_list()
    return shown(row)


def id_of(call: Call) -> UUID:
    """The parameter of the path. Raises Problem ``call_list_not_found``."""
    return call.path_id(no_call_list())


def no_call_list() -> Problem:
    return Problem(404, "call_list_not_found", "There is no such call list.", param="id")


def entry_id_of(call: Call) -> UUID:
    """The parameter of the path. Raises Problem ``entry_not_found``."""
    return call.path_id(no_entry(), "entry_id")


def no_entry() -> Problem:
    return Problem(404, "entry_not_found", "There is nobody like that on this call list.", param="entry_id")


WHY_LEFT_OUT: Final[dict[LeaveReason, str]] = {
    "no_phone": "they have no telephone number",
    "no_consent": "there is no record that they agreed; PUT /api/leads/{id}/consent makes one",
    "do_not_call": "they are on the do-not-call list",
    "opted_out": "they opted out",
    "not_interested": "they are not interested",
    "same_number": "the list calls their number already",
}
