"""Research: a question, or a lead, looked into by search, analysis and synthesis; each claim with its sources."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, Struct, UnsetType

from agent_server.api.endpoint import Call, Resource
from agent_server.api.langgraph import send_events
from agent_server.web.errors import Problem
from pipelines.agents.errors import AgentError
from pipelines.agents.replies import ThreadState
from pipelines.agents.requests import Asked
from storage.keys.secret_tokens import new_id
from storage.ledger.records import ExecutionRecord
from storage.ledger.reports import Reports
from storage.postgres.cursor import Page

research = Resource("research", "Questions looked into: what was found, how sure it is, where it is from.")

Status = Literal["running", "completed", "cancelled", "failed", "stopped"]

AGENT: Final = "research"
MOST_LISTED: Final = 100
MAX_LAST_EVENT_ID = 1_000_000_000


class NewResearch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A `question`, a lead (`lead_id`, or the lead itself), or both. `time_limit_s`: what is there by then is the
    answer."""

    question: Annotated[str, Meta(min_length=3, max_length=1000, pattern=r"\S")] | None = None
    lead_id: UUID | None = None
    lead: dict[str, Any] | None = None
    time_limit_s: Annotated[int, Meta(ge=5, le=120)] = 30


class ResearchBegun(Struct, frozen=True):
    """Ask for it by its `id`, or listen at `/api/research/{id}/events`."""

    id: str
    status: Literal["running"] = "running"


class Claim(Struct, frozen=True):
    """`sources`: ids of those below. `confidence`, 0 to 1, is never above what its sources carry."""

    text: str
    confidence: float
    sources: list[int]


class Source(Struct, frozen=True):
    """What was found: in the `lead`, our `knowledge` and documents, the `crm`, the company's `website`, what it posted
    (`social`), the `web`."""

    id: int
    kind: Literal["lead", "knowledge", "crm", "website", "social", "web"]
    title: str
    text: str
    url: str | None


class NotSearched(Struct, frozen=True):
    """A source that could not be asked, and why."""

    source: Literal["knowledge", "crm", "website", "social", "web"]
    code: str
    message: str


class ResearchReport(Struct, frozen=True, kw_only=True):
    """`not_found`: what the question asks and nothing says. `engine`: `rules`, or the models that had a part."""

    question: str
    summary: str
    claims: list[Claim]
    sources: list[Source]
    confidence: float
    not_found: list[str]
    not_searched: list[NotSearched]
    rounds: int
    engine: str
    latency_ms: float
    cost_usd: float


class ResearchFailure(Struct, frozen=True):
    code: str
    message: str


class Research(Struct, frozen=True, kw_only=True):
    """`stopped`: its process died; `/api/langgraph/resume` goes on with it, as with one that was cancelled or
    failed."""

    id: str
    status: Status
    question: str | None
    report: ResearchReport | None
    error: ResearchFailure | UnsetType = UNSET
    updated_at: datetime | None


class ResearchQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MOST_LISTED)] = 20
    cursor: str | None = None
    lead_id: UUID | None = None


class ListedResearch(Struct, frozen=True, kw_only=True):
    """`question`: null once the research itself is no longer kept."""

    id: str
    status: Status
    question: str | None
    lead_id: UUID | None
    started_at: datetime
    latency_ms: float | None
    cost_usd: float


class EventQuery(Struct, frozen=True):
    """`after`: the number of the last event one has."""

    after: Annotated[int, Meta(ge=0, le=MAX_LAST_EVENT_ID)] = 0


@research.post("/api/research", scope="write", summary="Look into something", status=202, errors=(404, 503))
async def begin_research(call: Call, body: NewResearch) -> ResearchBegun:
    """Searches the lead itself, our knowledge and documents, the CRM, the company's website, what it posted lately
    and the web, as far as they are there; a source that is not is named in the report. It goes on whoever listens. As
    the agent `research` of `/api/langgraph` it is answered at once."""
    given = {name: value for name in ("question", "lead_id", "lead") if (value := getattr(body, name)) is not None}
    research_id = new_id("research")
    asked = Asked(
        agent=AGENT, input=msgspec.to_builtins(given), thread_id=research_id, target_s=float(body.time_limit_s)
    )
    await call.services.agent_service.streams.start(asked, stream=research_id)
    return ResearchBegun(research_id)


@research.get("/api/research", scope="read", summary="List research, newest first", errors=(503,))
async def list_research(call: Call, query: ResearchQuery) -> Page[ListedResearch]:
    """What was found is under its `id`."""
    page = await Reports(call.services.database).executions(
        agent_type=AGENT, lead_id=query.lead_id, limit=query.limit, cursor=query.cursor, one_a_thread=True
    )
    return Page(
        items=tuple([await _listed(call, run) for run in page.items]),
        next_cursor=page.next_cursor,
    )


@research.get("/api/research/{id}", scope="read", summary="What research found", errors=(404, 503))
async def get_research(call: Call) -> Research:
    return await _shown(call)


@research.get(
    "/api/research/{id}/events",
    scope="read",
    summary="Watch research",
    produces="text/event-stream",
    errors=(404, 503),
)
async def watch_research(call: Call, query: EventQuery) -> web.StreamResponse:
    """The events of `/api/langgraph/stream`, from the first, for ten minutes after the last."""
    streams = call.services.agent_service.streams
    return await send_events(call.request, streams, await streams.attach(call.path("id")), query.after)


@research.post("/api/research/{id}/cancel", scope="write", summary="Cancel research", errors=(404, 409, 503))
async def cancel_research(call: Call) -> Research:
    """At once; where another process is at it, within seconds."""
    await _state(call)
    await call.services.agents.cancel(call.path("id"))
    return await _shown(call)


async def _state(call: Call) -> ThreadState:
    state = await call.services.agents.state(call.path("id"))
    if state.agent != AGENT:
        raise Problem(404, "thread_not_found", "There is no such research.", param="id")
    return state


async def _listed(call: Call, run: ExecutionRecord) -> ListedResearch:
    assert run.thread_id is not None, "research is a thread"
    question = None
    try:
        question = (await call.services.agents.state(run.thread_id)).values.get("question")
    except AgentError as error:
        if error.code != "thread_not_found":
            raise
    return ListedResearch(
        id=run.thread_id,
        status=status_of(run),
        question=question,
        lead_id=run.lead_id,
        started_at=run.started_at,
        latency_ms=run.latency_ms,
        cost_usd=run.cost_usd,
    )


def status_of(run: ExecutionRecord) -> Status:
    """By how its last run ended."""
    if run.status in ("pending", "running"):
        return "running"
    if run.status == "success":
        return "completed"
    if run.error_code == "process_died":
        return "stopped"
    return "cancelled" if run.error_code == "cancelled" else "failed"


async def _shown(call: Call) -> Research:
    state = await _state(call)
    output = state.values.get("output")
    report = msgspec.convert(output, ResearchReport) if output else None
    status: Any = state.status
    ended = None
    if status == "stopped":
        ended = await _end(call, state.thread_id)
        if ended is not None:
            status = status_of(ended)
    return Research(
        id=state.thread_id,
        status=status,
        question=state.values.get("question"),
        report=report,
        error=ResearchFailure(ended.error_code, ended.error_message or "") if ended and ended.error_code else UNSET,
        updated_at=datetime.fromisoformat(state.updated_at) if state.updated_at else None,
    )


async def _end(call: Call, thread_id: str) -> ExecutionRecord | None:
    """How its last run ended, as far as it is on record yet."""
    page = await Reports(call.services.database).executions(agent_type=AGENT, thread_id=thread_id, limit=1)
    return page.items[0] if page.items and page.items[0].status == "failed" else None
