"""A person beside a voice conversation over ``/v1/realtime``: words as they are spoken, and words of their own."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from live_server import KEY, StartServer, say, speech, until
from scripted_engines import scripted_engines

AUTH = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
async def followed(http: aiohttp.ClientSession) -> AsyncIterator[Any]:
    """Opens the stream of a conversation's events."""
    answers: list[aiohttp.ClientResponse] = []

    async def follow(url: str) -> aiohttp.ClientResponse:
        answers.append(await http.get(f"{url}/live", headers=AUTH))
        return answers[-1]

    yield follow
    for answer in answers:
        answer.close()


async def test_a_voice_is_followed_word_by_word_and_interrupted_by_a_person(
    start_live: StartServer, http: aiohttp.ClientSession, followed: Any
) -> None:
    server = await start_live(scripted_engines(["what is the price"], lambda _: "word " * 12))
    async with server.realtime() as connection:
        conversation_id = (await until(connection, "conversation.created"))[-1].conversation.id
        url = f"{server.url}/api/conversations/{conversation_id}"
        stream = await followed(url)
        await say(connection, speech()[: 48 * 1200], silence_ms=900)
        await until(connection, "response.output_audio_transcript.delta")
        body = {"text": "It is ten dollars.", "interrupt": True}
        async with http.post(f"{url}/say", json=body, headers=AUTH) as answer:
            assert answer.status == 200
        events = await until(connection, "response.done")
        assert any(event.type == "sales_agent.playback.stop" for event in events)
        done = (await until(connection, "response.done"))[-1].response
        assert done.output[0].content[0].transcript == "It is ten dollars."
        async with http.post(f"{url}/end", json={"farewell": ""}, headers=AUTH) as answer:
            assert answer.status == 200
    told = (await stream.read()).decode()
    order = [told.index(f"event: {kind}") for kind in ("state", "interim", "item", "interrupted", "ended")]
    assert order[0] < order[1] < order[3] < order[4]
    assert '"who":"caller"' in told
    assert '"who":"agent"' in told
    assert '"who":"operator"' in told
    assert '"intent":"pricing"' in told
