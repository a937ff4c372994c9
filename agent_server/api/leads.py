"""Leads: people and companies that may buy."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from agent_server.api.endpoint import Call, Resource
from agent_server.web.errors import Problem
from storage import email_address, phone_number
from storage.leads.answers import MOST_ANSWER_CHARS, MOST_ANSWERS, WrittenAnswers
from storage.leads.records import LeadFilter, LeadRecord, LeadSort, LeadStatus
from storage.leads.search import search_of
from storage.postgres.cursor import MAX_LIMIT, Page

MOST_FURTHER: Final = 50

leads = Resource("leads", "People and companies that may buy.")

Line = Annotated[str, Meta(max_length=300)]
Text = Annotated[str, Meta(max_length=20_000)]
Email = Annotated[str, Meta(pattern=f"^{email_address.PATTERN}$", max_length=email_address.MAX_CHARS)]
People = Annotated[int, Meta(ge=0, le=100_000_000)]
Score = Annotated[int, Meta(ge=0, le=100)]
Moment = Annotated[datetime, Meta(tz=True)]
Numbers = Annotated[tuple[Annotated[str, Meta(pattern=r"^[\s\d+().\-/]{7,40}$")], ...], Meta(max_length=MOST_FURTHER)]
Emails = Annotated[tuple[Email, ...], Meta(max_length=MOST_FURTHER)]
AnswerKey = Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,40}$")]
Answer = Annotated[str, Meta(max_length=MOST_ANSWER_CHARS)]


class Lead(LeadRecord, frozen=True, kw_only=True):
    """A lead. `qualification_*` is the newest qualification; `custom` holds whatever else is known. `answers`: to the
    agents' own questions, by their keys; `answer_notes`: what was asked, when it was answered, and with which key where
    a person wrote it or, without an answer, took it away. `further_emails` and `further_phones` are those beside the
    first. `claimed_phones`: numbers that callers said are this lead's, which tell nobody who calls until they are
    accepted (`POST /api/leads/{id}/claimed-phones/{number}`); one of them may be `contact_phone`."""

    claimed_phones: tuple[str, ...] = ()


class LeadQuery(Struct, frozen=True):
    """`search` looks for words in company, name, e-mail address and website, of the last of which a beginning is
    enough; `jane@` is the beginning of an e-mail address, and a whole telephone number is one of theirs. `sort=score`
    lists the best first and leaves out leads without a score. The created range includes its start and not its end."""

    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    sort: LeadSort = "created_at"
    status: LeadStatus | None = None
    tier: Annotated[str, Meta(max_length=50)] | None = None
    industry: Line | None = None
    min_score: Score | None = None
    max_score: Score | None = None
    email: Annotated[str, Meta(max_length=320)] | None = None
    search: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None


class NewLead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At least one of company, name, e-mail address and telephone number."""

    company_name: Line | None = None
    company_website: Line | None = None
    company_size: Line | None = None
    industry: Line | None = None
    contact_name: Line | None = None
    contact_email: Email | None = None
    contact_title: Line | None = None
    contact_phone: Line | None = None
    further_emails: Emails = ()
    further_phones: Numbers = ()
    linkedin_url: Line | None = None
    notes: Text | None = None
    status: LeadStatus = "pending"
    time_zone: Line | None = None
    need: Text | None = None
    team_size: People | None = None
    budget: Line | None = None
    authority: Line | None = None
    timing: Line | None = None
    source: Line | None = None
    custom: dict[str, Any] = {}


class LeadChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields left out stay as they are, null empties one; where further addresses or numbers are left the first of
    them takes an emptied first one's place. `further_emails` and `further_phones` replace those that were there.
    `custom` is merged key by key, null taking a key out. `opted_out`: whether this person must not be contacted any
    more. `answers`: those to be set, by their keys, null taking one away; `answers_seen`: those that were read
    before, as they were (null: there was none), and when one is not so any more nothing is changed (409). What is
    written stays until it is changed or somebody tells the agent otherwise later; what a conversation only repeats
    changes nothing."""

    company_name: Line | UnsetType | None = UNSET
    company_website: Line | UnsetType | None = UNSET
    company_size: Line | UnsetType | None = UNSET
    industry: Line | UnsetType | None = UNSET
    contact_name: Line | UnsetType | None = UNSET
    contact_email: Email | UnsetType | None = UNSET
    contact_title: Line | UnsetType | None = UNSET
    contact_phone: Line | UnsetType | None = UNSET
    further_emails: Emails | UnsetType = UNSET
    further_phones: Numbers | UnsetType = UNSET
    linkedin_url: Line | UnsetType | None = UNSET
    notes: Text | UnsetType | None = UNSET
    status: LeadStatus | UnsetType = UNSET
    time_zone: Line | UnsetType | None = UNSET
    need: Text | UnsetType | None = UNSET
    team_size: People | UnsetType | None = UNSET
    budget: Line | UnsetType | None = UNSET
    authority: Line | UnsetType | None = UNSET
    timing: Line | UnsetType | None = UNSET
    source: Line | UnsetType | None = UNSET
    custom: dict[str, Any] | UnsetType = UNSET
    opted_out: bool | UnsetType = UNSET
    answers: Annotated[dict[AnswerKey, Answer | None], Meta(max_length=MOST_ANSWERS)] | UnsetType = UNSET
    answers_seen: Annotated[dict[AnswerKey, Answer | None], Meta(max_length=MOST_ANSWERS)] | UnsetType = UNSET


_FIELDS = tuple(name for name in LeadChanges.__struct_fields__ if name not in ("answers", "answers_seen"))


@leads.get("/api/leads", scope="read", summary="List leads, newest or best first")
async def list_leads(call: Call, query: LeadQuery) -> Page[Lead]:
    page = await call.services.leads.list(
        limit=query.limit,
        cursor=query.cursor,
        sort=query.sort,
        where=LeadFilter(
            status=query.status,
            tier=query.tier,
            industry=query.industry,
            min_score=query.min_score,
            max_score=query.max_score,
            email=query.email.strip().lower() if query.email else None,
            created_from=query.created_from,
            created_to=query.created_to,
        ),
        search=search_of(query.search) if query.search is not None else None,
    )
    claimed = await call.services.leads.claimed_numbers([lead.id for lead in page.items])
    items = tuple(shown(lead, claimed.get(lead.id, ())) for lead in page.items)
    return Page(items=items, next_cursor=page.next_cursor)


@leads.post("/api/leads", scope="write", summary="Add a lead", status=201, errors=(409, 422))
async def add_lead(call: Call, body: NewLead) -> Lead:
    """An e-mail address names a lead, be it a first or a further one: a second lead with it is refused (409)."""
    fields = msgspec.structs.asdict(body)
    _check_numbers(body.further_phones)
    named_by = (body.company_name, body.contact_name, body.contact_email, body.contact_phone)
    if not any((*named_by, *body.further_emails, *body.further_phones)):
        message = "A lead needs a company, a name, an e-mail address or a telephone number."
        raise Problem(422, "lead_unnamed", message, param="company_name")
    return shown(await call.services.leads.create(fields, now=call.services.utc_now()))


@leads.get("/api/leads/{id}", scope="read", summary="One lead", errors=(404,))
async def get_lead(call: Call) -> Lead:
    return await _with_claims(call, await existing_lead(call))


@leads.patch("/api/leads/{id}", scope="write", summary="Change a lead", errors=(404, 409))
async def change_lead(call: Call, body: LeadChanges) -> Lead:
    now = call.services.utc_now()
    answers = _written(call, body)
    changes = {name: value for name in _FIELDS if (value := getattr(body, name)) is not UNSET}
    opted_out = changes.pop("opted_out", None)
    if opted_out is not None:
        changes["opted_out_at"] = now if opted_out else None
    _check_numbers(changes.get("further_phones", ()))
    lead = await call.services.leads.patch(call.path_id(_missing()), changes, answers=answers, now=now)
    if lead is None:
        raise _missing()
    return await _with_claims(call, lead)


@leads.post("/api/leads/{id}/claimed-phones/{number}", scope="write", summary="Accept a number", errors=(404,))
async def accept_number(call: Call) -> Lead:
    """A number that a caller said is this lead's is theirs from now on, and tells who calls."""
    return await _settle(call, accepted=True)


@leads.delete("/api/leads/{id}/claimed-phones/{number}", scope="write", summary="Throw a number away", errors=(404,))
async def throw_number_away(call: Call) -> Lead:
    """It is not this lead's. A caller may say so again."""
    return await _settle(call, accepted=False)


async def _settle(call: Call, *, accepted: bool) -> Lead:
    id_, number = call.path_id(_missing()), phone_number.normalised_or_text(call.path("number")) or ""
    lead = await call.services.leads.settle_number(id_, number, accepted=accepted, now=call.services.utc_now())
    if lead is None:
        message = "Nobody said that this number is the lead's, or it is settled already."
        raise Problem(404, "number_not_claimed", message, param="number")
    return await _with_claims(call, lead)


async def _with_claims(call: Call, lead: LeadRecord) -> Lead:
    return shown(lead, (await call.services.leads.claimed_numbers([lead.id])).get(lead.id, ()))


def _check_numbers(further: Iterable[str]) -> None:
    for each in further:
        if phone_number.normalised(each) is None:
            message = "Beside the first, a number is one that can be called."
            raise Problem(422, "invalid_number", message, param="further_phones")


def _written(call: Call, body: LeadChanges) -> WrittenAnswers | None:
    if body.answers is UNSET:
        return None
    return WrittenAnswers(
        words=body.answers,
        seen=body.answers_seen or {},
        questions=call.services.profiles.questions,
        key_id=call.key_holder.key_id,
        key_name=call.key_holder.key_name,
    )


def shown(lead: LeadRecord, claimed_phones: tuple[str, ...] = ()) -> Lead:
    return msgspec.convert(msgspec.structs.asdict(lead) | {"claimed_phones": claimed_phones}, Lead)


async def existing_lead(call: Call) -> LeadRecord:
    """The one in the path. Raises Problem ``lead_not_found``."""
    lead = await call.services.leads.get(call.path_id(_missing()))
    if lead is None:
        raise _missing()
    return lead


def _missing() -> Problem:
    return Problem(404, "lead_not_found", "There is no such lead.", param="id")
