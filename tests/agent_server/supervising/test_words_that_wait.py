"""What a person wants said, and the line breaks before it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from beside import Beside, TypedClient, typing
from live_server import Server, StartServer

from agent_server.supervising.commands import Say
from agent_server.supervising.unsaid import KEPT_FOR, said_of, unsaid
from storage.conversations.operator_acts import ActKind, OperatorAct
from storage.conversations.records import ItemRecord
from storage.errors import StorageError

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def act(text: str, *, kind: ActKind = "say", minutes_ago: float = 1.0) -> OperatorAct:
    at = NOW - timedelta(minutes=minutes_ago)
    return OperatorAct(id=f"{kind} {text} {minutes_ago}", kind=kind, text=text, created_at=at)


def item(generated: str, heard: str, said_by: Any = "operator") -> ItemRecord:
    return ItemRecord(
        id=generated,
        position=1.0,
        role="assistant",
        generated_text=generated,
        heard_text=heard,
        said_by=said_by,
        created_at=NOW,
        updated_at=NOW,
    )


def texts(acts: list[OperatorAct], items: list[ItemRecord]) -> list[str | None]:
    return [each.text for each in unsaid(acts, items, now=NOW)]


def test_words_of_which_something_was_heard_are_said() -> None:
    acts = [act("One moment."), act("One moment."), act("We ship on Monday.")]
    assert texts(acts, []) == ["One moment.", "One moment.", "We ship on Monday."]
    assert texts(acts, [item("One moment.", "One"), item("We ship on Monday.", "")]) == [
        "One moment.",
        "We ship on Monday.",
    ]
    assert texts(acts, [item("One moment.", "One moment.", said_by=None)]) == [each.text for each in acts]
    prefaced = item("This call is recorded. One moment.", "This call is")
    assert texts([act("moment."), act("One moment.")], [prefaced, item("moment.", "moment.")]) == []


def test_words_whose_moment_has_passed_are_not_said() -> None:
    late = act("One moment.", minutes_ago=KEPT_FOR.total_seconds() / 60 + 1)
    before = act("Hold on.", minutes_ago=3)
    assert texts([late, before, act("Bye.", kind="end", minutes_ago=2), act("Still there?")], []) == ["Still there?"]


def test_what_was_said_is_told_of_words_alone() -> None:
    acts = [act("Hello."), act("Offer ten percent.", kind="whisper"), act("Gone.")]
    forgotten = OperatorAct(id="act", kind="say", text=None, created_at=NOW)
    assert said_of([*acts, forgotten], [item("Hello.", "Hello.")]) == [True, None, False, None]


async def words(client: TypedClient) -> str:
    """Of the next response, spoken or written."""
    (item,) = (await client.until("response.done"))["response"]["output"]
    return " ".join(part.get("text") or part["transcript"] for part in item["content"])


@asynccontextmanager
async def speaking(http: aiohttp.ClientSession, server: Server) -> AsyncIterator[tuple[TypedClient, str]]:
    """A client whom the agent tells something aloud, and the conversation."""
    async with typing(http, server.url) as (client, conversation_id):
        await client.type_in("How much is it?")
        await client.answer()
        await client.socket.send_json({"type": "response.create"})
        await client.until("response.output_audio.delta")
        yield client, conversation_id


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("takes_over", [True, False])
async def test_words_that_wait_are_said_when_the_caller_is_back(
    start_live: StartServer, http: aiohttp.ClientSession, processes: int, takes_over: bool
) -> None:
    servers = [await start_live() for _ in range(processes)]
    async with speaking(http, servers[0]) as (client, conversation_id):
        beside = Beside(http, servers[0].url, conversation_id)
        await beside.ask("say", text="We ship on Monday.")
        if not takes_over:
            await client.socket.close()
        else:
            assert [each["said"] for each in (await beside.record())["acts"]] == [False]
        async with typing(http, servers[-1].url, f"?conversation={conversation_id}") as (again, _):
            assert await words(again) == "We ship on Monday."
            async with asyncio.timeout(10):
                while await heard(beside) != ["We ship on Monday."]:
                    await asyncio.sleep(0.05)
            assert [each["said"] for each in (await beside.record())["acts"]] == [True]
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await again.until("response.created")


async def test_what_is_asked_twice_is_said_once(live: Server, http: aiohttp.ClientSession) -> None:
    async with typing(http, live.url) as (client, conversation_id):
        for _ in range(2):
            assert live.services.switchboard.ask_here(conversation_id, Say("We ship on Monday.", act_id="act_1"))
        assert await words(client) == "We ship on Monday."
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await client.until("response.created")


async def test_what_could_not_be_asked_is_not_on_record(
    live: Server, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise StorageError("database_unavailable", "The connection to the database broke.", retryable=True)

    async with typing(http, live.url) as (_, conversation_id):
        beside = Beside(http, live.url, conversation_id)
        monkeypatch.setattr(live.services.switchboard, "ask_here", away)
        assert (await beside.ask("say", 503, text="We ship on Monday."))["code"] == "database_unavailable"
        assert (await beside.record())["acts"] == []


async def heard(beside: Beside) -> list[str]:
    """Of what people wanted said."""
    items = (await beside.record())["items"]
    return [each["heard_text"] for each in items if each["said_by"] == "operator" and each["heard_text"]]
