"""A conversation begun in the widget and finished by voice is one conversation: nothing is asked twice."""

import json
import re

from live_server import until
from prospect_talk import LINES, TALKS_FAST, WANTED, conversation_of, spoken, typed, visitor_key
from simulated_world import StartWorld, simulate, start  # noqa: F401 - fixtures
from synthetic_caller import recording, voiced


async def test_begun_in_the_widget_and_finished_by_voice_nothing_is_asked_twice(start: StartWorld) -> None:  # noqa: F811
    aloud = await voiced(("the first one please", "Bill Lumbergh, bill@initech.com", "that is right"), speed=1.3)
    recordings = [recording(text, pcm) for text, pcm in aloud.items()]
    script = {"sentences": ["what?"], "recordings": recordings}
    world = await start({"script": script, **TALKS_FAST}, WANTED)
    async with world.connect(key=await visitor_key(world), channel="widget") as connection:
        conversation_id = await conversation_of(connection)
        asked = [await typed(connection, line) for line in LINES[:2]]
    again = await visitor_key(world, conversation_id=conversation_id)
    async with world.connect(key=again, conversation=conversation_id) as connection:
        await until(connection, "sales_agent.conversation.resumed")
        for text in (*aloud, "that is right"):
            asked.append(await spoken(connection, aloud[text]))
    booked = await world.until_row(
        "SELECT data FROM conversation_outcomes WHERE conversation_id = $1 AND kind = 'meeting'", conversation_id
    )
    assert json.loads(booked["data"])["email"] == "bill@initech.com"
    items = await world.rows(
        "SELECT modality, heard_text FROM conversation_items WHERE conversation_id = $1 AND role = 'user'"
        " ORDER BY position",
        conversation_id,
    )
    assert [item["heard_text"] for item in items] == [*LINES[:2], *aloud, "that is right"]
    assert [item["modality"] for item in items] == ["text"] * 2 + ["audio"] * 4
    questions = [part.strip() for line in asked for part in re.findall(r"[^.!?]*\?", line)]
    assert questions
    assert len(questions) == len(set(questions)), questions
    told_already = ("how many people", "budget", "which company", "decide", "by when")
    assert not any(word in question.lower() for question in questions for word in told_already), questions
