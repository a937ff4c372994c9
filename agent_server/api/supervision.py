"""A person beside a live conversation: follow it, whisper, have words said, take over, end it."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, TypeVar

from msgspec import Meta, Struct, structs

from agent_server.api.endpoint import Call, Resource
from agent_server.supervising.commands import (
    AnyCommand,
    End,
    Follow,
    Heeder,
    Hold,
    Listen,
    Outcome,
    Release,
    Say,
    Speaker,
    TakeOver,
    Whisper,
)
from agent_server.supervising.supervision import ACTS
from agent_server.web.errors import Problem
from pipelines.conversation.settings import Limits
from storage.conversations.operator_acts import ActKind
from storage.errors import StorageError

supervision = Resource(
    "supervision",
    "A person beside a live conversation. Whoever may, `supervise`, has it on record with what they did.",
)

DURABLE_TIMEOUT_S = 1.0
MOST_CHARS = 1000
"""Of one text: it goes from process to process as one notification, and is spoken in a minute."""

RETRY_S = 1.0
BEGINS_S = 1.0
"""The row of a conversation that a process has just begun is there by then: it is written behind."""

_LOOK_EVERY_S = 0.05
_T = TypeVar("_T")
_PLAYBOOK = (
    "The embedded playbook answers here: it follows no orders, and answers from what you whisper where it is asked."
)

Text = Annotated[str, Meta(min_length=1, max_length=MOST_CHARS, pattern=r"\S")]
Name = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
Lease = Annotated[str, Meta(min_length=16, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class NewWhisper(Struct, frozen=True, forbid_unknown_fields=True):
    """What the agent is to know or do in the replies that follow; the caller does not hear it."""

    text: Text


class NewWords(Struct, frozen=True, forbid_unknown_fields=True):
    """Just these words. `interrupt`: at once; else when the agent and the caller are done. `lease`: of who has taken
    the conversation over."""

    text: Text
    interrupt: bool = False
    lease: Lease | None = None


class NewTakeover(Struct, frozen=True, forbid_unknown_fields=True):
    """`name`: as the visitor of a chat is told; unset: that of the key. `lease`: of a takeover that is to go on where
    the conversation has changed hands meanwhile."""

    name: Name | None = None
    lease: Lease | None = None


class Held(Struct, frozen=True, forbid_unknown_fields=True):
    """`lease`: as it was given out by the takeover."""

    lease: Lease


class NewEnd(Struct, frozen=True, forbid_unknown_fields=True):
    """`farewell`: what is said first; empty: nothing. `lease`: of who has taken the conversation over."""

    farewell: Annotated[str, Meta(max_length=MOST_CHARS)] = "Thank you for your time. Good-bye."
    lease: Lease | None = None


class Supervised(Struct, frozen=True, kw_only=True):
    """How the conversation stands now. `operator`: the name of who has taken it over. `speaking`: who has the floor."""

    speaking: Speaker
    operator: str | None


class Whispered(Supervised, frozen=True, kw_only=True):
    """`heeded_by`: `model`, which follows orders; or `playbook`, which cannot and says so in `note`."""

    heeded_by: Heeder
    note: str | None = None


class TakenOver(Supervised, frozen=True, kw_only=True):
    """`lease` proves that it is you who speaks. It holds for `holds_seconds` from now and from each word or `hold`;
    afterwards the agent has the conversation again."""

    lease: str
    holds_seconds: int


@supervision.post(
    "/api/conversations/{id}/whisper", scope="supervise", summary="Tell the agent something", errors=(404, 409, 503)
)
async def whisper(call: Call, body: NewWhisper) -> Whispered:
    """For all replies that follow: the model takes it for an order of its supervisor's. The latest eight count."""
    outcome = await done(call, "whisper", Whisper(body.text), text=body.text)
    heeded_by = outcome.standing.whispers_go_to
    return Whispered(
        speaking=outcome.standing.speaking,
        operator=outcome.standing.operator,
        heeded_by=heeded_by,
        note=_PLAYBOOK if heeded_by == "playbook" else None,
    )


@supervision.post(
    "/api/conversations/{id}/say", scope="supervise", summary="Say just these words", errors=(404, 409, 503)
)
async def say(call: Call, body: NewWords) -> Supervised:
    """In the agent's voice, or in writing; they stand in the conversation as said by the agent, with
    `said_by: operator`. Words the caller breaks in on are not said again; those that wait while the line breaks are,
    to a caller who is back within ten minutes. `said` of the conversation's `acts` tells."""
    words = " ".join(body.text.split())
    outcome = await done(call, "say", Say(words, body.interrupt, body.lease), text=words)
    return _supervised(outcome)


@supervision.post(
    "/api/conversations/{id}/takeover", scope="supervise", summary="Speak in the agent's place", errors=(404, 409, 503)
)
async def take_over(call: Call, body: NewTakeover) -> TakenOver:
    """The agent stops at once and makes no more replies; what you `say` with the `lease` is said. The caller is heard
    as before, and what they want of the law (to be called no more, not to be recorded) is heeded. Somebody else's
    takeover is 409 `taken_over`."""
    lease = body.lease or secrets.token_urlsafe(18)
    name = body.name or call.key_holder.key_name or "A colleague"
    outcome = await done(call, "takeover", TakeOver(lease, name), name=name)
    return TakenOver(
        speaking=outcome.standing.speaking,
        operator=outcome.standing.operator,
        lease=lease,
        holds_seconds=_holds_seconds(),
    )


@supervision.post(
    "/api/conversations/{id}/takeover/hold", scope="supervise", summary="Still there", errors=(404, 409, 503)
)
async def hold(call: Call, body: Held) -> Supervised:
    """To be sent every few seconds. 409 `not_taken_over`: the agent has the conversation again."""
    return _supervised(await asked(call, Hold(body.lease)))


@supervision.post(
    "/api/conversations/{id}/release", scope="supervise", summary="Give it back to the agent", errors=(404, 409, 503)
)
async def release(call: Call, body: Held) -> Supervised:
    """The agent goes on, knows what was said, and answers at once where the caller waits."""
    return _supervised(await done(call, "release", Release(body.lease)))


@supervision.post(
    "/api/conversations/{id}/end", scope="supervise", summary="End the conversation", errors=(404, 409, 503)
)
async def end(call: Call, body: NewEnd) -> Supervised:
    """Says good-bye, and hangs up on whatever channel once that was heard, in fifteen seconds at the latest."""
    farewell = " ".join(body.farewell.split())
    return _supervised(await done(call, "end", End(farewell, body.lease), text=farewell or None))


def _supervised(outcome: Outcome) -> Supervised:
    return Supervised(speaking=outcome.standing.speaking, operator=outcome.standing.operator)


def _holds_seconds() -> int:
    return round(Limits().operator_silent_ms / 1000)


async def done(
    call: Call, kind: ActKind, command: AnyCommand, *, text: str | None = None, name: str | None = None
) -> Outcome:
    """Keep who does it, then have it done. What is refused was not done. Raises Problem, StorageError."""
    services, conversation_id, key = call.services, call.path("id"), call.key_holder
    acts = services.supervision.acts
    await services.conversation_log.flush(conversation_id, DURABLE_TIMEOUT_S)
    act = await _known(
        call,
        lambda: acts.add(
            conversation_id,
            kind,
            key_id=key.key_id,
            key_name=key.key_name,
            name=name,
            text=text,
            now=services.utc_now(),
        ),
    )
    if isinstance(command, Say):
        command = structs.replace(command, act_id=act.id)
    try:
        outcome = await asked(call, command)
    except (Problem, StorageError):
        with suppress(StorageError):
            await acts.remove(act.id)
        raise
    ACTS.labels(kind).inc()
    return outcome


async def asked(call: Call, command: AnyCommand) -> Outcome:
    """Raises Problem (409) for what is refused."""
    outcome = await reached(call, command)
    if outcome.code is not None:
        raise Problem(409, outcome.code, outcome.message)
    return outcome


async def reached(call: Call, command: AnyCommand) -> Outcome:
    """Raises Problem: 404 ``conversation_not_found``, 409 ``conversation_ended``, 503 ``conversation_unreachable`` or
    ``redis_not_configured``."""
    services, conversation_id = call.services, call.path("id")
    if (outcome := services.switchboard.ask_here(conversation_id, command)) is not None:
        return outcome
    await _see_that_it_is_open(call)
    if isinstance(command, Follow | Listen) and services.settings.process.redis_url is None:
        message = "Another process may hold this conversation: what happens is told here once REDIS_URL is set."
        raise Problem(503, "redis_not_configured", message, retry_after_s=RETRY_S)
    if (outcome := await services.switchboard.ask_elsewhere(conversation_id, command)) is not None:
        return outcome
    await _see_that_it_is_open(call)
    message = "The process that holds this conversation does not answer; it may be about to go on elsewhere."
    raise Problem(503, "conversation_unreachable", message, retry_after_s=RETRY_S)


async def _see_that_it_is_open(call: Call) -> None:
    services, conversation_id = call.services, call.path("id")
    await services.conversation_log.flush(conversation_id, DURABLE_TIMEOUT_S)
    record = await _known(call, lambda: services.conversations.get(conversation_id))
    if record.status != "open":
        raise Problem(409, "conversation_ended", "This conversation is over.")


async def _known(call: Call, look: Callable[[], Awaitable[_T | None]]) -> _T:
    """What is found of a conversation. Raises Problem (404)."""
    if (found := await look()) is not None:
        return found
    loop = asyncio.get_running_loop()
    is_held = await call.services.switchboard.is_held(call.path("id"))
    until_s = loop.time() + (BEGINS_S if is_held else 0.0)
    while (found := await look()) is None:
        if loop.time() >= until_s:
            raise Problem(404, "conversation_not_found", "There is no such conversation.", param="id")
        await asyncio.sleep(_LOOK_EVERY_S)
    return found
