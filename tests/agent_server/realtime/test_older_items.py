"""A conversation longer than memory: whoever has the items on record can still ask for each of them by its id."""

from typing import Any

import aiohttp
import pytest
from live_server import KEY, Server, StartServer, until
from msgspec import structs
from scripted_engines import scripted_engines

from pipelines.conversation.settings import Limits
from storage.errors import StorageError

AUTH = {"Authorization": f"Bearer {KEY}"}


async def short_memory(start_live: StartServer) -> Server:
    """A server that keeps six items of a conversation at hand, and goes on with four."""
    server = await start_live(scripted_engines())
    defaults = server.services.conversation_defaults
    structs.force_setattr(
        server.services, "conversation_defaults", structs.replace(defaults, limits=Limits(history_items=6))
    )
    return server


def said(item_id: str, text: str) -> dict[str, Any]:
    return {"id": item_id, "type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


async def talk(connection: Any, turns: range) -> None:
    for number in turns:
        await connection.conversation.item.create(item=said(f"said_{number}", f"How much are {number}?"))
        await connection.response.create(response={"output_modalities": ["text"]})
        assert (await until(connection, "response.done"))[-1].response.status == "completed"


async def answer(connection: Any) -> Any:
    """The next event that answers a request about an item."""
    while True:
        event = await connection.recv()
        if event.type in (
            "conversation.item.retrieved",
            "conversation.item.deleted",
            "conversation.item.done",
            "error",
        ):
            return event


async def begun(connection: Any) -> str:
    found: str = (await until(connection, "conversation.created"))[-1].conversation.id
    return found


async def words_on_record(server: Server, http: aiohttp.ClientSession, conversation_id: str) -> list[str]:
    async with http.get(f"{server.url}/api/conversations/{conversation_id}", headers=AUTH) as response:
        items = (await response.json())["items"]
    return [item["heard_text"] for item in items if item["role"] == "user"]


@pytest.mark.parametrize("is_continued", [False, True], ids=["in one connection", "continued"])
async def test_older_items_are_retrieved_deleted_and_kept_from_being_made_twice(
    start_live: StartServer, http: aiohttp.ClientSession, is_continued: bool
) -> None:
    server = await short_memory(start_live)
    async with server.realtime() as connection:
        conversation_id = await begun(connection)
        await talk(connection, range(10))
        if not is_continued:
            await ask_of_older_items(connection)
    if is_continued:
        async with server.realtime(extra_query={"conversation": conversation_id}) as connection:
            resumed = (await until(connection, "sales_agent.conversation.resumed"))[-1].to_dict()
            assert [item["id"] for item in resumed["items"] if item["role"] == "user"] == ["said_8", "said_9"]
            await ask_of_older_items(connection)
            await talk(connection, range(10, 12))
    left = await words_on_record(server, http, conversation_id)
    numbers = [0, *range(2, 12 if is_continued else 10)]
    assert left == [f"How much are {number}?" for number in numbers]


async def ask_of_older_items(connection: Any) -> None:
    items = connection.conversation.item
    await items.retrieve(item_id="said_0")
    assert (await answer(connection)).item.content[0].text == "How much are 0?"
    await items.delete(item_id="said_1")
    assert (await answer(connection)).item_id == "said_1"
    await items.retrieve(item_id="said_1", event_id="gone")
    error = (await answer(connection)).error
    assert (error.code, error.param, error.event_id) == ("unknown_item", "item_id", "gone")
    await items.truncate(item_id="said_2", content_index=0, audio_end_ms=10, event_id="typed")
    error = (await answer(connection)).error
    assert (error.code, error.event_id) == ("invalid_value", "typed"), "as of any item that is not spoken"
    await items.create(item=said("said_0", "other words"), event_id="twice")
    error = (await answer(connection)).error
    assert (error.code, error.event_id) == ("duplicate_item", "twice")


async def test_a_record_that_cannot_be_read_is_not_taken_for_an_empty_one(
    start_live: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await short_memory(start_live)
    async with server.realtime() as connection:
        await talk(connection, range(10))

        async def away(*_args: object) -> None:
            raise StorageError("storage_unavailable", "away", retryable=True)

        monkeypatch.setattr(server.services.conversations, "items", away)
        await connection.conversation.item.retrieve(item_id="said_0", event_id="e")
        error = (await answer(connection)).error
        assert (error.type, error.code, error.event_id) == ("server_error", "items_unavailable", "e")
        await talk(connection, range(10, 11))
