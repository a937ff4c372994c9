"""Scoring beside a conversation: the next reply knows, the last words count, and guesses are no facts."""

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from live_server import Server, StartServer, until
from scripted_engines import scripted_engines

from agent_server.hosting.lead_changes import LeadChanges
from agent_server.hosting.live_insight import LiveInsight, found_facts
from agent_server.services import Services
from pipelines.briefing import read
from pipelines.conversation.actions import SpeechStarted
from pipelines.conversation.facts import Tick
from storage.agents.profiles import ProfileFacts, ProfileQuestion
from storage.conversations.outcomes import Outcomes
from storage.leads.answers import WrittenAnswers
from storage.leads.records import LeadRecord


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


class Corrected:
    """A lead whom an agent asks how many seats they want, in a conversation of ``services`` of its own insight."""

    def __init__(self, services: Services, lead: LeadRecord) -> None:
        self.services = services
        self.lead = lead
        self._told: asyncio.Queue[Any] = asyncio.Queue()
        self.runner: Any = SimpleNamespace(post=self._told.put_nowait)

    def insight(self, changes: LeadChanges, *, is_known: bool = True) -> LiveInsight:
        """``is_known``: by the number, say, and not by what they claim."""
        services = self.services
        return LiveInsight(
            "conv_1",
            services.agent_service,
            services.database,
            changes,
            services.utc_now,
            office=ZoneInfo("UTC"),
            lead_id=self.lead.id if is_known else None,
            asks=frozenset({"seats"}),
        )

    async def writes(self, words: str, *, at: Services | None = None) -> None:
        """A person does, at the console of another process if need be."""
        written = WrittenAnswers(words={"seats": words}, key_id="key_1", key_name="Ann")
        services = at or self.services
        await services.leads.patch(self.lead.id, {}, answers=written, now=services.utc_now())

    async def told(self) -> str:
        text: str = (await self._told.get()).text
        return text


async def corrected(server: Server) -> Corrected:
    services = server.services
    fields = {"answers": {"seats": "about sixteen"}, "need": "bikes"}
    return Corrected(services, await services.leads.create(fields, now=services.utc_now()))


async def test_what_a_person_corrected_is_told_at_once_whoever_scores_and_in_whichever_process(
    start_live: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, other = await start_live(), await start_live()
    call = await corrected(server)
    async with asyncio.timeout(20), call.insight(server.services.lead_changes).following(call.runner):
        assert "about sixteen" in await call.told()
        monkeypatch.setattr(server.services.agents, "qualify", lambda *_, **__: asyncio.sleep(3600))
        await call.writes("about sixty", at=other.services)
        text = await call.told()
    briefing = read(text)
    assert briefing is not None
    assert (briefing.answers, briefing.corrected) == ({"seats": "about sixty"}, ("seats",))
    assert "corrected seats: what was said of that before no longer holds." in text


async def test_who_merely_names_an_address_is_told_nothing_that_was_answered_under_it(start_live: StartServer) -> None:
    """Nor asked again: that it was answered is known, and what a person writes from now on is."""
    server = await start_live()
    call = await corrected(server)
    await call.services.leads.patch(call.lead.id, {"contact_email": "ann@acme.example"}, now=call.services.utc_now())
    outcomes = Outcomes(call.services.database)
    await outcomes.record("key_1", "conv_1", "lead_update", {"email": "ann@acme.example"})
    insight = call.insight(server.services.lead_changes, is_known=False)
    async with asyncio.timeout(20), insight.following(call.runner):
        text = await call.told()
        briefing = read(text)
        assert briefing is not None
        assert (briefing.answers, briefing.answered) == ({}, ("seats",))
        assert "about sixteen" not in text
        await call.writes("about sixty")
        assert "about sixty" in await call.told()


async def test_who_merely_names_an_address_is_told_nothing_of_whose_it_is(start_live: StartServer) -> None:
    """Nor where their clock is: what they say themselves is all that is known of them to their agent."""
    server = await start_live()
    call = await corrected(server)
    ann = {"contact_email": "ann@acme.example", "contact_name": "Ann Lee", "company_name": "Acme", "industry": "bakery"}
    changes = {**ann, "contact_title": "CEO", "company_size": "50", "time_zone": "Asia/Tokyo"}
    await call.services.leads.patch(call.lead.id, changes, now=call.services.utc_now())
    outcomes = Outcomes(call.services.database)
    told = {"email": "ann@acme.example", "company": "Acme Bakeries"}
    await outcomes.record("key_1", "conv_1", "lead_update", told)
    insight = call.insight(server.services.lead_changes, is_known=False)
    async with asyncio.timeout(20), insight.following(call.runner):
        text = await call.told()
    briefing = read(text)
    assert briefing is not None
    assert (briefing.known, briefing.time_zone) == ({"company": "Acme Bakeries"}, None)
    async with asyncio.timeout(20), call.insight(server.services.lead_changes).following(call.runner):
        briefing = read(await call.told())
    assert briefing is not None
    assert (briefing.known["name"], briefing.time_zone) == ("Ann Lee", "Asia/Tokyo"), "who calls from their line is"


async def test_what_was_told_while_nobody_heard_is_known_when_the_caller_has_spoken_and_when_it_is_heard_again(
    start_live: StartServer,
) -> None:
    call = await corrected(await start_live())
    deaf = LeadChanges(call.services.database)
    spoken = call.insight(deaf)
    async with asyncio.timeout(20), spoken.following(call.runner):
        assert "about sixteen" in await call.told()
        await call.writes("about sixty")
        spoken.saw(Tick(), [SpeechStarted("item_1", 0)], 0.0)
        assert "about sixty" in await call.told()
        await call.writes("about seventy")
        hearing = asyncio.create_task(deaf.keep())
        assert "about seventy" in await call.told()
        hearing.cancel()
        await asyncio.wait([hearing])


async def test_what_is_written_of_others_is_not_looked_at(start_live: StartServer) -> None:
    call = await corrected(await start_live())
    insight = call.insight(LeadChanges(call.services.database))
    async with asyncio.timeout(20), insight.following(call.runner):
        await call.told()
        await insight._settled.wait()
        insight._changed(uuid4())
        assert insight._settled.is_set()
        insight._changed(call.lead.id)
        assert not insight._settled.is_set()
