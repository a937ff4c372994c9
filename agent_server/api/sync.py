"""Syncs with the CRMs: how they stand, what they did, and what they leave to a person."""

import asyncio
from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.crm_sync.jobs import WORKER
from agent_server.crm_sync.parts import CrmParts
from agent_server.web.errors import Problem
from crm.platforms import PLATFORMS, Platform
from crm.sync.asking import Direction, SyncRefused, SyncWish, ask
from crm.sync.filtered import Filters
from crm.sync.standing import PlatformStatus, SyncHealth
from storage.crm.sync_runs import RunStatus, SyncRun
from storage.postgres.cursor import MAX_LIMIT, Page

sync = Resource("sync", "Syncs with Close, Apollo and LinkedIn.")

_EVENT_EVERY_S = 0.25
_LONGEST_STREAM_S = 3600.0
_OVER: frozenset[RunStatus] = frozenset({"completed", "partial", "failed", "interrupted"})


class SyncStatus(Struct, frozen=True):
    platforms: list[PlatformStatus]


class HistoryQuery(Struct, frozen=True):
    """`page` counts from 1; `cursor` costs the same at any depth."""

    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    page: Annotated[int, Meta(ge=1, le=1000)] | None = None
    platform: Platform | None = None
    status: RunStatus | None = None


class NewSync(Struct, frozen=True, forbid_unknown_fields=True):
    """`full` compares everything rather than what changed. `filters` limit it to what is looked for: `query` words in
    names, `since` and `until`, `emails`, or `profile_urls`."""

    platform: Platform
    direction: Direction = "bidirectional"
    full: bool = False
    filters: Filters = Filters()


class StartedSync(Struct, frozen=True):
    """Follow it at `/api/sync/runs/{id}` or, as it happens, at `/api/sync/runs/{id}/events`."""

    id: str
    platform: str
    status: Literal["queued"] = "queued"


class MetricsQuery(Struct, frozen=True):
    platform: Platform | None = None
    days: Annotated[int, Meta(ge=1, le=365)] = 7


class SyncMetrics(Struct, frozen=True, kw_only=True):
    """Syncs that ended within `days`, added up."""

    platform: str | None
    days: int
    total_syncs: int
    successful_syncs: int
    failed_syncs: int
    contacts_processed: int
    contacts_created: int
    contacts_updated: int
    contacts_failed: int
    success_rate_percent: float
    avg_duration_seconds: float


@sync.get("/api/sync/status", scope="read", summary="How the sync with each platform stands")
async def sync_status(call: Call) -> SyncStatus:
    parts = _parts(call)
    return SyncStatus([await parts.standing.of(platform, now=parts.now()) for platform in PLATFORMS])


@sync.get("/api/sync/status/{platform}", scope="read", summary="How the sync with one platform stands", errors=(404,))
async def platform_status(call: Call) -> PlatformStatus:
    parts = _parts(call)
    return await parts.standing.of(_platform(call), now=parts.now())


@sync.get("/api/sync/history", scope="read", summary="Past and running syncs, newest first")
async def sync_history(call: Call, query: HistoryQuery) -> Page[SyncRun]:
    return await _parts(call).store.runs.list(
        limit=query.limit,
        cursor=query.cursor,
        platform=query.platform,
        status=query.status,
        offset=(query.page - 1) * query.limit if query.page is not None and query.page > 1 else None,
    )


@sync.post("/api/sync/trigger", scope="write", summary="Start a sync", status=202, errors=(409, 422))
async def trigger_sync(call: Call, body: NewSync) -> StartedSync:
    """409 while one of the platform waits or runs."""
    parts = _parts(call)
    try:
        run_id = await ask(parts.crm, parts.queue, SyncWish(body.platform, body.direction, body.full, body.filters))
    except SyncRefused as refusal:
        status = 409 if refusal.code == "sync_already_running" else 422
        raise Problem(status, refusal.code, str(refusal), param=refusal.param) from None
    worker = call.request.app.get(WORKER)
    if worker is not None:
        worker.start()
    return StartedSync(run_id, body.platform)


@sync.get("/api/sync/runs/{id}", scope="read", summary="One sync", errors=(404,))
async def get_run(call: Call) -> SyncRun:
    return await _run(call)


@sync.get(
    "/api/sync/runs/{id}/events",
    scope="read",
    summary="A sync's progress as it happens",
    produces="text/event-stream",
    errors=(404,),
)
async def run_events(call: Call) -> web.StreamResponse:
    """Server-sent events: `progress` with the sync's fields whenever they change, `done` with the last of them."""
    run = await _run(call)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(call.request)
    shown: SyncRun | None = None
    try:
        async with asyncio.timeout(_LONGEST_STREAM_S):
            while run.status not in _OVER:
                if run != shown:
                    await response.write(_event("progress", run))
                    shown = run
                await asyncio.sleep(_EVENT_EVERY_S)
                run = await _run(call)
            await response.write(_event("done", run))
    except (TimeoutError, ConnectionError):
        pass  # the client asks anew, or is gone
    return response


@sync.get("/api/sync/metrics", scope="read", summary="Syncs of some days, added up")
async def sync_metrics(call: Call, query: MetricsQuery) -> SyncMetrics:
    parts = _parts(call)
    since = parts.now() - timedelta(days=query.days)
    rows = await parts.store.runs.metrics(since=since, platform=query.platform)
    total = sum(row.total_syncs for row in rows)
    good = sum(row.successful_syncs for row in rows)
    seconds = sum((row.avg_duration_seconds or 0.0) * row.total_syncs for row in rows)
    return SyncMetrics(
        platform=query.platform,
        days=query.days,
        total_syncs=total,
        successful_syncs=good,
        failed_syncs=sum(row.failed_syncs for row in rows),
        contacts_processed=sum(row.contacts_processed for row in rows),
        contacts_created=sum(row.contacts_created for row in rows),
        contacts_updated=sum(row.contacts_updated for row in rows),
        contacts_failed=sum(row.contacts_failed for row in rows),
        success_rate_percent=round(100.0 * good / total, 2) if total else 100.0,
        avg_duration_seconds=round(seconds / total, 3) if total else 0.0,
    )


@sync.get("/api/sync/health", scope="read", summary="Whether syncs work")
async def sync_health(call: Call) -> SyncHealth:
    parts = _parts(call)
    return await parts.standing.health(now=parts.now())


async def _run(call: Call) -> SyncRun:
    run = await _parts(call).store.runs.get(call.path("id"))
    if run is None:
        raise Problem(404, "sync_not_found", "There is no such sync.", param="id")
    return run


def _event(name: str, run: SyncRun) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(run))


def _platform(call: Call) -> str:
    platform = call.path("platform")
    if platform not in PLATFORMS:
        raise Problem(404, "platform_not_found", "There is no such platform.", param="platform")
    return platform


def _parts(call: Call) -> CrmParts:
    return call.services.crm
