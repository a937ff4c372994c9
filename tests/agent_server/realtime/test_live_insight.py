"""Scoring beside a conversation: the next reply knows, the last words count, and guesses are no facts."""

import asyncio
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from live_server import Server, StartServer, until
from scripted_engines import scripted_engines

from agent_server.realtime import live_insight
from agent_server.realtime.live_insight import LiveInsight, found_facts
from pipelines.briefing import read
from pipelines.conversation.actions import SpeechStarted
from pipelines.conversation.facts import Tick
from storage.agents.profiles import ProfileFacts, ProfileQuestion
from storage.leads.answers import WrittenAnswers


async def says(connection: Any, text: str) -> None:
    content = [{"type": "input_text", "text": text}]
    await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})


async def replied(connection: Any) -> None:
    await connection.response.create(response={"output_modalities": ["text"]})
    await until(connection, "response.done")


def briefings(model: Any) -> list[Any]:
    """Of the last request."""
    return [found for message in model.requests[-1].messages if (found := read(message.content))]


async def scores(server: Server, count: int) -> list[int]:
    """Of the ledger, oldest first, once there are so many."""
    found: list[int] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            await server.services.tracker.flush(2.0)
            connection = await asyncpg.connect(server.services.database.dsn)
            rows = await connection.fetch("SELECT score FROM qualification_results ORDER BY created_at")
            await connection.close()
            found = [row["score"] for row in rows]
            await asyncio.sleep(0.02)
    return found


async def test_the_next_reply_knows_what_is_left_to_ask(start_live: StartServer) -> None:
    engines = scripted_engines()
    server = await start_live(engines)
    async with server.realtime() as connection:
        await says(connection, "Our budget is five thousand dollars a month.")
        await replied(connection)
        await scores(server, 1)
        (model,) = engines.models
        async with asyncio.timeout(20):  # what was scored is told a moment later
            while not (told := briefings(model)):
                await replied(connection)
    assert not any(read(message.content) for message in model.requests[0].messages)  # type: ignore[attr-defined]
    (briefing,) = told
    assert "need" in briefing.missing
    assert "budget" not in briefing.missing


async def test_the_last_words_before_hanging_up_are_scored(start_live: StartServer) -> None:
    server = await start_live()
    await server.services.agents.warm()
    async with server.realtime() as connection:
        await says(connection, "hello")
        (before,) = await scores(server, 1)
        await says(connection, "I make the decision, and our budget is five thousand dollars a month.")
        await connection.conversation.item.retrieve(item_id="none")
        await until(connection, "error")
    assert (await scores(server, 2))[-1] > before


def test_guesses_and_what_was_given_are_not_found() -> None:
    guess = {"value": "Ann", "source": "e-mail address", "confidence": 0.3}
    given = {"value": "a@acme.com", "source": "lead", "confidence": 0.6}
    found = {"value": 50, "source": "apollo", "confidence": 0.85}
    output = {"person": {"first_name": guess, "email": given}, "company": {"employees": found}, "sources": ["apollo"]}
    assert found_facts(output) == {"company_size": "50"}
    assert found_facts({}) == {}


async def test_words_that_say_nothing_are_not_scored_again(start_live: StartServer) -> None:
    server = await start_live()
    await server.services.agents.warm()
    async with server.realtime() as connection:
        await says(connection, "Our budget is five thousand dollars a month.")
        await scores(server, 1)
        for words in ("uh huh", "okay, thank you", "I see"):
            await says(connection, words)
        await says(connection, "I make the decision.")
        await scores(server, 2)
        await connection.conversation.item.retrieve(item_id="none")
        await until(connection, "error")  # who does not read what was sent closes after ten seconds
    assert len(await scores(server, 2)) == 2


async def test_the_next_reply_knows_answers_of_before_and_asks_nothing_besides_its_own_questions(
    start_live: StartServer,
) -> None:
    engines = scripted_engines()
    server = await start_live(engines)
    services = server.services
    asked = tuple(ProfileQuestion(key, f"{key}?") for key in ("seats", "start"))
    now = services.utc_now()
    await services.profiles.kept.create("bikes", ProfileFacts(questions=asked, qualifies=False), by=None, now=now)
    await services.profiles.refresh()
    lead = await services.leads.create({"answers": {"seats": "about sixty", "other": "no"}, "need": "bikes"}, now=now)
    (model,) = engines.models
    async with server.realtime(extra_query={"agent": "bikes", "lead": str(lead.id)}) as connection:
        await says(connection, "Our budget is five thousand dollars a month.")
        await replied(connection)
        async with asyncio.timeout(20):
            while not (told := briefings(model)):
                await replied(connection)
    (briefing,) = told
    assert (briefing.answers, briefing.answered, briefing.missing) == ({"seats": "about sixty"}, ("seats",), ())
    texts = [message.content for message in model.requests[-1].messages]  # type: ignore[attr-defined]
    assert any("Your own questions come first." in text for text in texts)


async def test_what_a_person_corrected_is_told_when_the_caller_speaks_again_or_says_nothing(
    start_live: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = (await start_live()).services
    now = services.utc_now()
    lead = await services.leads.create({"answers": {"seats": "about sixteen"}, "need": "bikes"}, now=now)
    told: asyncio.Queue[Any] = asyncio.Queue()
    runner: Any = SimpleNamespace(post=told.put_nowait)

    def insight() -> LiveInsight:
        return LiveInsight(
            "conv_1",
            services.agent_service,
            services.database,
            services.utc_now,
            office=ZoneInfo("UTC"),
            lead_id=lead.id,
            asks=frozenset({"seats"}),
        )

    async def writes(words: str) -> None:
        written = WrittenAnswers(words={"seats": words}, key_id="key_1", key_name="Ann")
        await services.leads.patch(lead.id, {}, answers=written, now=now)

    monkeypatch.setattr(live_insight, "CORRECTED_S", 3600.0)
    spoken = insight()
    async with asyncio.timeout(20), spoken.following(runner):
        assert "corrected" not in (await told.get()).text
        await writes("about sixty")
        spoken.saw(Tick(), [SpeechStarted("item_1", 0)], 0.0)
        text = (await told.get()).text
    briefing = read(text)
    assert briefing is not None
    assert (briefing.answers, briefing.corrected) == ({"seats": "about sixty"}, ("seats",))
    assert "corrected seats: what was said of that before no longer holds." in text

    monkeypatch.setattr(live_insight, "CORRECTED_S", 0.01)
    async with asyncio.timeout(20), insight().following(runner):
        assert "about sixty" in (await told.get()).text
        await writes("about seventy")
        assert "about seventy" in (await told.get()).text
