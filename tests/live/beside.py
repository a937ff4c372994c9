"""A person beside a conversation, for tests: what they ask over the API, and what they follow."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from live_server import KEY

AUTH = {"Authorization": f"Bearer {KEY}"}


class Beside:
    """``told``: what was followed so far."""

    def __init__(self, http: aiohttp.ClientSession, url: str, conversation_id: str) -> None:
        self._http = http
        self._url = f"{url}/api/conversations/{conversation_id}"
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.last_id = ""
        self._news = asyncio.Event()

    async def ask(self, what: str, status: int = 200, **body: Any) -> dict[str, Any]:
        async with self._http.post(f"{self._url}/{what}", json=body, headers=AUTH) as answer:
            found: dict[str, Any] = await answer.json()
            assert answer.status == status, found
            return found if status == 200 else found["error"]

    async def record(self) -> dict[str, Any]:
        async with self._http.get(self._url, headers=AUTH) as answer:
            assert answer.status == 200
            found: dict[str, Any] = await answer.json()
            return found

    @asynccontextmanager
    async def following(self, **headers: str) -> AsyncIterator[None]:
        """The first event has come when the block begins."""
        task = asyncio.create_task(self._follow(headers))
        try:
            await self.until("state")
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def until(
        self, kind: str, wanted: Callable[[dict[str, Any]], bool] = lambda _: True, *, timeout_s: float = 10.0
    ) -> dict[str, Any]:
        """The first event of this kind that is as wanted, among those that came and will."""
        async with asyncio.timeout(timeout_s):
            while True:
                for told, data in self.told:
                    if told == kind and wanted(data):
                        return data
                self._news.clear()
                await self._news.wait()

    async def _follow(self, headers: dict[str, str]) -> None:
        async with self._http.get(f"{self._url}/live", headers=AUTH | headers) as answer:
            assert answer.status == 200
            kind = ""
            async for raw in answer.content:
                name, _, value = raw.decode().strip().partition(": ")
                if name == "id":
                    self.last_id = value
                elif name == "event":
                    kind = value
                elif name == "data":
                    self.told.append((kind, json.loads(value)))
                    self._news.set()


class TypedClient:
    """Somebody who types over ``/v1/realtime``."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []

    async def until(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                event: dict[str, Any] = json.loads(await self.socket.receive_str())
                self.events.append(event)
                if event["type"] == kind:
                    return event

    async def type_in(self, text: str) -> None:
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        await self.socket.send_json({"type": "conversation.item.create", "item": item})
        await self.socket.send_json({"type": "response.create", "response": {"output_modalities": ["text"]}})

    async def answer(self) -> str:
        """The text of the next response."""
        done = await self.until("response.done")
        return " ".join(part["text"].strip() for item in done["response"]["output"] for part in item["content"])


@asynccontextmanager
async def typing(http: aiohttp.ClientSession, url: str, query: str = "") -> AsyncIterator[tuple[TypedClient, str]]:
    """The client, and the id of its conversation."""
    async with http.ws_connect(f"{url}/v1/realtime{query}", headers=AUTH) as socket:
        client = TypedClient(socket)
        created = await client.until("conversation.created")
        yield client, created["conversation"]["id"]
