"""Leads: people and companies that may buy."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from agent_server.api.endpoint import Call, Resource
from agent_server.web.errors import Problem
from storage import email_address
from storage.leads.answers import MOST_ANSWER_CHARS, MOST_ANSWERS, WrittenAnswers
from storage.leads.records import LeadFilter, LeadRecord, LeadSort, LeadStatus
from storage.leads.search import search_of
from storage.postgres.cursor import MAX_LIMIT, Page

leads = Resource("leads", "People and companies that may buy.")

Line = Annotated[str, Meta(max_length=300)]
Text = Annotated[str, Meta(max_length=20_000)]
Email = Annotated[str, Meta(pattern=f"^{email_address.PATTERN}$", max_length=email_address.MAX_CHARS)]
People = Annotated[int, Meta(ge=0, le=100_000_000)]
Score = Annotated[int, Meta(ge=0, le=100)]
Moment = Annotated[datetime, Meta(tz=True)]
AnswerKey = Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,40}$")]
Answer = Annotated[str, Meta(max_length=MOST_ANSWER_CHARS)]


class Lead(LeadRecord, frozen=True, kw_only=True):
    """A lead. `qualification_*` is the newest qualification; `custom` holds whatever else is known. `answers`: to the
    agents' own questions, by their keys; `answer_notes`: what was asked, when it was answered, and with which key where
    a person wrote it or, without an answer, took it away."""


class LeadQuery(Struct, frozen=True):
    """`search` looks for words in company, name, e-mail address and website, of the last of which a beginning is
    enough; `jane@` is the beginning of an e-mail address. `sort=score` lists the best first and leaves out leads
    without a score. The created range includes its start and not its end."""

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
    """Fields left out stay as they are, null empties one. `custom` is merged key by key, null taking a key out.
    `opted_out`: whether this person must not be contacted any more. `answers`: those to be set, by their keys, null
    taking one away; `answers_seen`: those that were read before, as they were (null: there was none), and when one is
    not so any more nothing is changed (409). What is written stays until it is changed or somebody tells the agent
    otherwise later; what a conversation only repeats changes nothing."""

    company_name: Line | UnsetType | None = UNSET
    company_website: Line | UnsetType | None = UNSET
    company_size: Line | UnsetType | None = UNSET
    industry: Line | UnsetType | None = UNSET
    contact_name: Line | UnsetType | None = UNSET
    contact_email: Email | UnsetType | None = UNSET
    contact_title: Line | UnsetType | None = UNSET
    contact_phone: Line | UnsetType | None = UNSET
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
    return Page(items=tuple(map(shown, page.items)), next_cursor=page.next_cursor)


@leads.post("/api/leads", scope="write", summary="Add a lead", status=201, errors=(409, 422))
async def add_lead(call: Call, body: NewLead) -> Lead:
    """An e-mail address names a lead: a second one with the same is refused (409)."""
    fields = msgspec.structs.asdict(body)
    if not any((body.company_name, body.contact_name, body.contact_email, body.contact_phone)):
        message = "A lead needs a company, a name, an e-mail address or a telephone number."
        raise Problem(422, "lead_unnamed", message, param="company_name")
    return shown(await call.services.leads.create(fields, now=call.services.utc_now()))


@leads.get("/api/leads/{id}", scope="read", summary="One lead", errors=(404,))
async def get_lead(call: Call) -> Lead:
    return shown(await existing_lead(call))


@leads.patch("/api/leads/{id}", scope="write", summary="Change a lead", errors=(404, 409))
async def change_lead(call: Call, body: LeadChanges) -> Lead:
    now = call.services.utc_now()
    answers = _written(call, body)
    changes = {name: value for name in _FIELDS if (value := getattr(body, name)) is not UNSET}
    opted_out = changes.pop("opted_out", None)
    if opted_out is not None:
        changes["opted_out_at"] = now if opted_out else None
    lead = await call.services.leads.patch(call.path_id(_missing()), changes, answers=answers, now=now)
    if lead is None:
        raise _missing()
    return shown(lead)


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


def shown(lead: LeadRecord) -> Lead:
    return msgspec.convert(lead, Lead, from_attributes=True)


async def existing_lead(call: Call) -> LeadRecord:
    """The one in the path. Raises Problem ``lead_not_found``."""
    lead = await call.services.leads.get(call.path_id(_missing()))
    if lead is None:
        raise _missing()
    return lead


def _missing() -> Problem:
    return Problem(404, "lead_not_found", "There is no such lead.", param="id")
