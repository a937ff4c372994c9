"""How a test talks with the agent as a prospect: what is said, typed or spoken, and heard out."""

import asyncio
from typing import Any

import aiohttp
from live_server import say, until
from simulated_world import APOLLO, SPEECH, World

LINES = (
    "we're 25 people at Initech and have about 5k a month, we need to answer calls faster",
    "I make the decision, and we want it next month",
    "yes, the first one please",
    "Bill Lumbergh, bill@initech.com",
    "yes",
    "yes",
)
WANTED = (*APOLLO, *SPEECH)


TALKS_FAST = {"speaking_rate_wpm": 800}
"""Of the agent's voice: replies are paced as they sound, and these tests are about what is said."""


async def conversation_of(connection: Any) -> str:
    return str((await until(connection, "conversation.created"))[-1].conversation.id)


async def replied(connection: Any) -> str:
    """What the agent says next, heard out: a reply with a tool in it may be several responses."""
    said = ""
    while not said.strip():
        for event in await until(connection, "response.done", timeout_s=40):
            if event.type == "response.output_audio_transcript.done":
                said += event.transcript + " "
            elif event.type == "response.output_text.done":
                said += event.text + " "
    return said


async def typed(connection: Any, text: str) -> str:
    content = [{"type": "input_text", "text": text}]
    await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
    await connection.response.create(response={"output_modalities": ["text"]})
    return await replied(connection)


async def spoken(connection: Any, pcm: bytes) -> str:
    """One utterance, and the answer to it."""
    talking = asyncio.create_task(say(connection, pcm, silence_ms=1200))
    answer = await replied(connection)
    await talking
    return answer


async def visitor_key(world: World, **visit: str) -> str:
    """As the widget asks for it."""
    async with aiohttp.ClientSession() as http, http.post(f"{world.url}/api/widget/session", json=visit) as opened:
        return str((await opened.json())["value"])
