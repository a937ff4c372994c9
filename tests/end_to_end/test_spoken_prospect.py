"""A prospect with a voice of their own: what is written of the call, beside what was said and heard on the wire.

The recogniser is simulated and goes by the audio: it tells whichever sentence it hears. The model is simulated and
calls tools; what it passes on (times, the score) it has from their results.
"""

import asyncio
import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from live_server import say, until
from msgspec import Struct, field
from simulated_world import APOLLO, MODEL, SPEECH, StartWorld, World, simulate, start  # noqa: F401 - fixtures
from synthetic_caller import RATE, recording, voiced

ABOUT = "we are twenty five people at Initech and we miss half of our calls"
MONEY = "we have five thousand dollars a month and I make the decision"
NAME = "my name is Bill Lumbergh and my address is bill@initech.com"
CHOICE = "the first one suits me well thank you"
BYE = "that is all for today goodbye"
LINES = (ABOUT, MONEY, NAME, CHOICE, BYE)

PER_TOKEN_USD = 0.10 / 1_000_000
"""llama3.1-8b at Cerebras, in and out."""

LONGEST_REPLY_TOKENS = 200
"""Longer than any that is said here: one that was cut off is billed whole."""


def turn(when: str, *rounds: Sequence[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Rules: at these words the model calls the tools of each round, and says the text when it has their results."""
    rules = [
        {"when": when, "after_tool": number > 0, "times": 1, "reply": {"tool_calls": calls}}
        for number, calls in enumerate(rounds)
    ]
    return [*rules, {"when": when, "reply": {"text": text}}]


def call(name: str, /, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def judged(points: int, evidence: str) -> dict[str, Any]:
    return {"points": points, "evidence": evidence}


JUDGEMENT = {
    "need": judged(18, "misses half of the calls"),
    "budget": judged(17, "five thousand dollars a month"),
    "authority": judged(20, "makes the decision"),
    "timing": judged(5, "a month"),
    "fit": judged(16, "twenty five people"),
    "reasoning": "Misses calls, has the money and decides.",
}
RULES = [
    {"when": "^<data>", "reply": {"text": json.dumps(JUDGEMENT)}},
    *turn(
        ABOUT,
        [call("update_lead", company="Initech", team_size=25, need="misses half of the calls")],
        text="Every missed call is a lost customer. What could you spend, and who decides?",
    ),
    *turn(
        MONEY,
        [call("update_lead", budget="5,000 dollars a month", authority="self")],
        [call("qualify_lead")],
        text="You score {found:score} with us. What is your name, and where do I send an invitation?",
    ),
    *turn(
        NAME,
        [call("update_lead", name="Bill Lumbergh", email="bill@initech.com")],
        [call("find_meeting_times")],
        [call("enrich_with_apollo", email="bill@initech.com")],
        text="Nice to meet you, Bill. I can offer {found:times.0.say}, or {found:times.1.say}. Which one?",
    ),
    *turn(
        CHOICE,
        [call("book_meeting", start="{found:times.0.start}", email="bill@initech.com", name="Bill Lumbergh")],
        text="Done: {found:times.0.say}. The invitation goes to bill@initech.com.",
    ),
    *turn(BYE, [call("update_lead", outcome="meeting_booked")], text="Goodbye, Bill."),
    {"reply": {"text": "Hello, this is Sam. What brings you here?"}},
]


class Heard(Struct):
    """Of the agent, on the wire: each message's words, sound (24 kHz PCM) and when it began, and the tools that ran.

    ``answers``: without the phrases that fill a pause."""

    said: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    audio: dict[str, bytes] = field(default_factory=dict)
    began_s: dict[str, float] = field(default_factory=dict)
    tools: list[tuple[str, bool]] = field(default_factory=list)

    def take(self, event: Any) -> None:
        match event.type:
            case "response.output_audio.delta":
                self.audio[event.item_id] = self.audio.get(event.item_id, b"") + base64.b64decode(event.delta)
            case "response.output_audio_transcript.done":
                self.said[event.item_id] = event.transcript
            case "sales_agent.tool.finished":
                self.tools.append((event.name, event.failed))


async def heard_out(connection: Any, heard: Heard) -> None:
    """The agent's next message (and a phrase that fills a pause before it), played to its end as a loudspeaker does."""
    loop = asyncio.get_running_loop()
    before = set(heard.said)
    async with asyncio.timeout(30):
        while True:
            event = await connection.recv()
            heard.take(event)
            if event.type == "response.output_audio.delta":
                heard.began_s.setdefault(event.item_id, loop.time())
            if event.type == "response.done" and (new := set(heard.said) - before):
                break
    heard.answers.append(list(heard.said.values())[-1])
    ends_s = max(heard.began_s[item_id] + len(heard.audio[item_id]) / 2 / RATE for item_id in new)
    await asyncio.sleep(ends_s + 0.2 - loop.time())


def words_in(pcm: bytes) -> int:
    """How many words the simulated voice speaks: each is one burst, with 20 ms of silence or more on either side."""
    window = RATE // 100
    samples = np.frombuffer(pcm, np.int16).astype(np.float32)
    levels = np.abs(samples[: len(samples) // window * window]).reshape(-1, window).max(axis=1)
    loud = levels > 200
    quiet_run, words = 2, 0
    for is_loud in loud:
        words += bool(is_loud and quiet_run >= 2)
        quiet_run = 0 if is_loud else quiet_run + 1
    return words


@pytest.fixture(scope="module")
def lines() -> dict[str, bytes]:
    return asyncio.run(voiced(LINES, speed=1.9))


async def test_what_is_written_of_a_call_is_what_was_said_and_heard(start: StartWorld, lines: dict[str, bytes]) -> None:  # noqa: F811
    recordings = [recording(text, pcm) for text, pcm in reversed(lines.items())]
    script = {"sentences": ["nothing the agent knows"], "recordings": recordings, "rules": RULES}
    world = await start({"script": script, "speaking_rate_wpm": 450}, (*MODEL, *APOLLO, *SPEECH))
    heard, sent_s, counted = Heard(), 0.0, Counted(world)
    async with world.connect() as connection:
        opened = await until(connection, "conversation.created")
        conversation_id = opened[-1].conversation.id
        await connection.response.create()
        await heard_out(connection, heard)
        for pcm in lines.values():
            speaking = asyncio.create_task(say(connection, pcm, silence_ms=700))
            await heard_out(connection, heard)
            await speaking
            sent_s += len(pcm) / 2 / RATE + 0.7
    await world.until_row("SELECT 1 FROM conversations WHERE id = $1 AND ended_at IS NOT NULL", conversation_id)
    await the_transcript_agrees(world, conversation_id, heard)
    await the_lead_agrees(world, conversation_id, heard)
    await the_costs_agree(world, conversation_id, heard, counted, sent_s)


class Counted:
    """What the simulated providers count from now on, and so would bill."""

    def __init__(self, world: World) -> None:
        self._seen = world.simulators.simulation.seen
        self._before = {name: dict(seen.counters) for name, seen in self._seen.items()}

    def of(self, provider: str, what: str) -> int:
        return self._seen[provider].counters[what] - self._before[provider].get(what, 0)


async def the_transcript_agrees(world: World, conversation_id: str, heard: Heard) -> None:
    items = await world.rows(
        "SELECT id, role, heard_text, audio_ms FROM conversation_items WHERE conversation_id = $1 AND type = 'message'"
        " ORDER BY position",
        conversation_id,
    )
    assert [item["heard_text"] for item in items if item["role"] == "user"] == list(LINES)
    told = {item["id"]: item for item in items if item["role"] == "assistant"}
    assert {item_id: item["heard_text"] for item_id, item in told.items()} == heard.said
    for item_id, text in heard.said.items():
        assert words_in(heard.audio[item_id]) == len(text.split()), text
        assert told[item_id]["audio_ms"] == pytest.approx(len(heard.audio[item_id]) / 48, abs=25)


async def the_lead_agrees(world: World, conversation_id: str, heard: Heard) -> None:
    said = heard.answers
    booking = await world.until_row("SELECT * FROM bookings WHERE conversation_id = $1", conversation_id)
    lead = await world.until_row(
        "SELECT * FROM leads WHERE id = $1 AND status = 'meeting_booked' AND contact_title IS NOT NULL",
        booking["lead_id"],
    )
    assert (lead["contact_name"], lead["contact_email"]) == ("Bill Lumbergh", "bill@initech.com")
    assert (lead["company_name"], lead["team_size"]) == ("Initech", 25)
    assert (booking["email"], booking["status"]) == ("bill@initech.com", "booked")
    scored = await world.rows(
        "SELECT score FROM qualification_results WHERE lead_id = $1 ORDER BY created_at", booking["lead_id"]
    )
    assert lead["qualification_score"] == scored[-1]["score"]
    assert any(f"You score {row['score']} with us" in said[2] for row in scored), (said[2], scored)
    spoken_start = said[4].removeprefix("Done: ").split(". ")[0]
    assert spoken_start in said[3], "the time that is confirmed is one that was offered"
    (outcome,) = await world.rows(
        "SELECT data FROM conversation_outcomes WHERE conversation_id = $1 AND kind = 'meeting'", conversation_id
    )
    assert datetime.fromisoformat(json.loads(outcome["data"])["start"]) == booking["starts_at"]
    office = booking["starts_at"].astimezone()
    assert f"{office:%A}" in spoken_start
    ran = await world.rows(
        "SELECT name, status FROM tool_calls WHERE conversation_id = $1 AND execution_id IS NULL ORDER BY created_at",
        conversation_id,
    )
    assert [(row["name"], row["status"] != "success") for row in ran] == heard.tools
    assert not any(failed for _, failed in heard.tools)


async def the_costs_agree(world: World, conversation_id: str, heard: Heard, counted: Counted, sent_s: float) -> None:
    usage = {
        row["kind"]: row
        for row in await world.rows("SELECT * FROM speech_usage WHERE conversation_id = $1", conversation_id)
    }
    assert (usage["stt"]["provider"], usage["tts"]["provider"]) == ("deepgram-flux", "cartesia")
    assert usage["stt"]["audio_seconds"] == pytest.approx(sent_s, abs=0.5)
    characters = usage["tts"]["characters_spoken"] + usage["tts"]["characters_discarded"]
    assert characters == counted.of("cartesia-tts", "characters")
    await world.services.tracker.flush(5.0)
    asked = await world.rows("SELECT * FROM model_calls")  # a connection may have been warmed as late as in the call
    cut_off = [row for row in asked if row["status"] != "success"]  # by a caller who goes on: these are estimated
    most = {
        "prompt_tokens": 2 * sum(row["prompt_tokens"] for row in cut_off),
        "completion_tokens": LONGEST_REPLY_TOKENS * len(cut_off),
    }
    for what, of_cut_off in most.items():
        ended = sum(row[what] for row in asked if row["status"] == "success")
        billed = world.simulators.simulation.seen["cerebras"].counters[what]
        assert 0 <= billed - ended <= of_cut_off, what
    models = [row for row in asked if row["conversation_id"] == conversation_id]
    assert sum(row["cost_usd"] for row in models) == pytest.approx(
        sum(row["total_tokens"] for row in models) * PER_TOKEN_USD
    )
    (total,) = await world.rows(
        "SELECT cost_usd, unpriced FROM lead_costs JOIN bookings USING (lead_id) WHERE conversation_id = $1",
        conversation_id,
    )
    parts = [row["cost_usd"] for row in (*models, *usage.values())]
    assert (float(total["cost_usd"]), total["unpriced"]) == (pytest.approx(sum(parts)), 0)
