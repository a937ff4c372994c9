"""Call lists: the agent calls many people, tries again where nobody answers, and tells what came of it."""

from collections import Counter
from uuid import UUID

import msgspec

from agent_server.api.call_list_forms import (
    WHY_LEFT_OUT,
    CallList,
    CallListChanges,
    CallListEntry,
    CallListFigures,
    CallListQuery,
    EntryQuery,
    FiguresQuery,
    NewCallList,
    PeopleOfResult,
    PeopleToCall,
    WhomToCall,
    call_list_of,
    changed_fields,
    check_hours,
    entry_id_of,
    id_of,
    no_call_list,
    no_entry,
    shown,
    shown_entry,
)
from agent_server.api.call_report import HourOfCalls, zone_asked
from agent_server.api.calls import configured_carrier
from agent_server.api.campaign_audience import Audience, find_audience
from agent_server.api.endpoint import Call, Resource
from agent_server.call_lists.leaving_out import LeavingOut
from agent_server.call_lists.pacing import FEWEST_LINES
from agent_server.web.errors import Problem
from storage.calls.figures import CallOutcome
from storage.calls.list_entries import LeaveReason
from storage.calls.lists import CallListStatus
from storage.postgres.cursor import Page

call_lists = Resource("call lists", "Many people called one after the other, each until they are reached.")


@call_lists.post("/api/call-lists", scope="write", summary="Make a call list", status=201, errors=(404,))
async def make_call_list(call: Call, body: NewCallList) -> CallList:
    """Nobody is called before `start`. Who has no number, no consent, is on the do-not-call list, has opted out or is
    not interested is left out, and counted; `entries?status=left_out` says who."""
    if body.hours is not None:
        check_hours(body.hours)
    leads = await _whom(call, WhomToCall(audience=body.audience, lead_ids=body.lead_ids, max_leads=body.max_leads))
    list_id = await call.services.call_lists.kept.create(
        name=body.name.strip(),
        purpose=body.purpose.strip(),
        agent=call.services.profiles.check(body.agent),
        audience=msgspec.to_builtins(body.audience or Audience()) if body.lead_ids is None else None,
        hours=body.hours,
        per_hour=body.per_hour,
        at_once=body.at_once,
        attempts=body.attempts,
        retry_after_minutes=body.retry_after_minutes,
        leads=leads,
        now=call.services.utc_now(),
    )
    return await call_list_of(call, list_id)


@call_lists.get("/api/call-lists", scope="read", summary="List call lists, newest first")
async def list_call_lists(call: Call, query: CallListQuery) -> Page[CallList]:
    page = await call.services.call_lists.kept.list(archived=query.archived, limit=query.limit, cursor=query.cursor)
    return Page(items=tuple(map(shown, page.items)), next_cursor=page.next_cursor)


@call_lists.post("/api/call-lists/audience", scope="read", summary="Whom a call list would call", errors=(404,))
async def count_people(call: Call, body: WhomToCall) -> PeopleToCall:
    """Counted as a new call list would; none is made."""
    reasons = Counter(reason for _, reason in await _whom(call, body))
    return PeopleToCall(people=reasons.pop(None, 0), left_out={str(reason): count for reason, count in reasons.items()})


@call_lists.get("/api/call-lists/{id}", scope="read", summary="One call list", errors=(404,))
async def get_call_list(call: Call) -> CallList:
    return await call_list_of(call, id_of(call))


@call_lists.patch("/api/call-lists/{id}", scope="write", summary="Change a call list", errors=(404,))
async def change_call_list(call: Call, body: CallListChanges) -> CallList:
    """Also while it runs: the next call is as it says then."""
    list_id = id_of(call)
    changes = changed_fields(body)
    call.services.profiles.check(changes.get("agent"))
    if not await call.services.call_lists.kept.change(list_id, changes, now=call.services.utc_now()):
        raise no_call_list()
    return await call_list_of(call, list_id)


@call_lists.delete("/api/call-lists/{id}", scope="write", summary="Delete a call list", errors=(404, 409))
async def delete_call_list(call: Call) -> None:
    """One that was never started, or is over. The calls that were made stay, with their conversations and in the
    reports; who was on the list, and what came of each, goes."""
    if not await call.services.call_lists.kept.delete(id_of(call)):
        raise no_call_list()


@call_lists.post("/api/call-lists/{id}/start", scope="write", summary="Begin to call", errors=(404, 409, 503))
async def start_call_list(call: Call) -> CallList:
    """Also after a pause. By whichever process has lines; of each process's lines a quarter, and at least one, is left
    for those who call you."""
    configured_carrier(call)
    call.services.profiles.check((await call_list_of(call, id_of(call))).agent)
    if call.services.admission.limit < FEWEST_LINES:
        message = f"A call list leaves a line for those who call you: set MAX_CONVERSATIONS to {FEWEST_LINES} or more."
        raise Problem(409, "lines_too_few", message)
    base_url = call.services.settings.process.public_url or f"{call.request.scheme}://{call.request.host}"
    return await _moved(call, "running", started_by=call.key_holder.key_id, base_url=base_url)


@call_lists.post("/api/call-lists/{id}/pause", scope="write", summary="Pause a call list", errors=(404, 409))
async def pause_call_list(call: Call) -> CallList:
    """No call begins until `start`; those under way end by themselves."""
    return await _moved(call, "paused", reason="person")


@call_lists.post("/api/call-lists/{id}/stop", scope="write", summary="Call no more, for good", errors=(404, 409))
async def stop_call_list(call: Call) -> CallList:
    """Calls under way end by themselves."""
    return await _moved(call, "stopped")


@call_lists.post("/api/call-lists/{id}/archive", scope="write", summary="Put a call list away", errors=(404, 409))
async def archive_call_list(call: Call) -> CallList:
    """One that is over. It stays as it is, and is listed with `?archived=true` alone."""
    return await _archived(call, is_away=True)


@call_lists.post("/api/call-lists/{id}/unarchive", scope="write", summary="Have a call list back", errors=(404,))
async def unarchive_call_list(call: Call) -> CallList:
    return await _archived(call, is_away=False)


@call_lists.get("/api/call-lists/{id}/entries", scope="read", summary="The people of a call list", errors=(404,))
async def list_entries(call: Call, query: EntryQuery) -> Page[CallListEntry]:
    """In its order, each with its calls and their conversations."""
    row = await call_list_of(call, id_of(call))
    page = await call.services.call_lists.entries.list(
        row.id, status=query.status, result=query.result, limit=query.limit, cursor=query.cursor
    )
    return Page(items=tuple(map(shown_entry, page.items)), next_cursor=page.next_cursor)


@call_lists.post(
    "/api/call-lists/{id}/entries/{entry_id}/again",
    scope="write",
    summary="Have somebody called after all",
    errors=(404, 409),
)
async def take_in_entry(call: Call) -> None:
    """Somebody who was left out, or not permitted to be called, once that has changed: a consent is recorded, a number
    given, an entry taken off the do-not-call list. Refused with the reason while it has not."""
    list_id, entry_id = id_of(call), entry_id_of(call)
    lead_id = await call.services.call_lists.entries.lead_of(list_id, entry_id)
    lead = await call.services.leads.get(lead_id) if lead_id is not None else None
    if lead is None:
        raise no_entry()
    (reason,) = await _leaving_out(call)([lead])
    if reason is not None:
        raise Problem(409, reason, f"They are not called, still: {WHY_LEFT_OUT[reason]}.", param="entry_id")
    if not await call.services.call_lists.kept.take_in(list_id, entry_id, now=call.services.utc_now()):
        raise Problem(409, "entry_state", "They are to be called, or were called already.", param="entry_id")


@call_lists.get("/api/call-lists/{id}/figures", scope="read", summary="What came of a call list", errors=(404, 422))
async def call_list_figures(call: Call, query: FiguresQuery) -> CallListFigures:
    """People by what came of it, and calls by the hour of the day."""
    zone = zone_asked(query.time_zone)
    row = await call_list_of(call, id_of(call))
    kept = call.services.call_lists.entries
    counted: Counter[tuple[int, CallOutcome]] = Counter()
    for one in await kept.by_hour(row.id, zone.key):
        counted[one.hour, one.outcome] += one.calls
    results = await kept.by_result(row.id)
    return CallListFigures(
        results=tuple(
            PeopleOfResult(result=result, reason=reason, people=people) for result, reason, people in results
        ),
        calls=counted.total(),
        time_zone=zone.key,
        hours=tuple(
            HourOfCalls(hour=hour, outcome=outcome, calls=calls) for (hour, outcome), calls in sorted(counted.items())
        ),
    )


async def _moved(
    call: Call,
    status: CallListStatus,
    *,
    reason: str | None = None,
    started_by: str | None = None,
    base_url: str | None = None,
) -> CallList:
    list_id = id_of(call)
    if not await call.services.call_lists.kept.move(
        list_id, status, reason=reason, started_by=started_by, base_url=base_url, now=call.services.utc_now()
    ):
        raise no_call_list()
    return await call_list_of(call, list_id)


async def _archived(call: Call, *, is_away: bool) -> CallList:
    list_id = id_of(call)
    if not await call.services.call_lists.kept.archive(list_id, now=call.services.utc_now() if is_away else None):
        raise no_call_list()
    return await call_list_of(call, list_id)


async def _whom(call: Call, asked: WhomToCall) -> list[tuple[UUID, LeaveReason | None]]:
    services, leaving_out = call.services, _leaving_out(call)
    if asked.lead_ids is None:
        return await find_audience(services.leads, asked.audience or Audience(), asked.max_leads, leaving_out)
    if asked.audience is not None:
        raise Problem(400, "invalid_value", "Give 'audience' or 'lead_ids', not both.", param="lead_ids")
    ids = [*dict.fromkeys(asked.lead_ids)]
    known = await services.leads.of_ids(ids)
    if len(known) < len(ids):
        raise Problem(404, "lead_not_found", "There is no lead with one of these ids.", param="lead_ids")
    reasons = await leaving_out([known[lead_id] for lead_id in ids])
    return [*zip(ids, reasons, strict=True)]


def _leaving_out(call: Call) -> LeavingOut:
    calls = call.services.calls
    return LeavingOut(calls.records, calls.suppressed.erased, calls.rules, call.services.utc_now())
