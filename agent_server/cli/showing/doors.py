"""The REST API of the demo's server."""

from typing import Any, Final

import aiohttp
import msgspec

from agent_server.cli.outcome import CommandError

ANSWER_S: Final = 60.0


class Doors:
    """``url``: the server's. Every method raises CommandError, which names the request, for an answer that is none."""

    def __init__(self, url: str, key: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.key = key
        self._session = session
        self._headers = {"Authorization": f"Bearer {key}"}

    async def get(self, path: str, **query: str) -> Any:
        return msgspec.json.decode(await self._ask("GET", path, params=query))

    async def post(self, path: str, body: object = None) -> Any:
        return _decoded(await self._ask("POST", path, json=body if body is not None else {}))

    async def put(self, path: str, body: object) -> Any:
        return _decoded(await self._ask("PUT", path, json=body))

    async def patch(self, path: str, body: object) -> Any:
        return _decoded(await self._ask("PATCH", path, json=body))

    async def upload(self, path: str, data: bytes, content_type: str) -> Any:
        return _decoded(await self._ask("POST", path, data=data, content_type=content_type))

    async def sound(self, path: str, body: object) -> bytes:
        return await self._ask("POST", path, json=body)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        json: object = None,
        data: bytes | None = None,
        content_type: str = "application/json",
    ) -> bytes:
        headers = self._headers if method == "GET" else self._headers | {"Content-Type": content_type}
        body = data if data is not None else None if method == "GET" else msgspec.json.encode(json)
        try:
            async with self._session.request(
                method, self.url + path, params=params, data=body, headers=headers
            ) as answer:
                read = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise CommandError(
                f"The demo's server does not answer {method} {path} ({type(error).__name__})."
            ) from error
        if answer.status >= 400:
            raise RefusedError(method, path, answer.status, read)
        return read


class RefusedError(CommandError):
    """``code``: the server's own."""

    def __init__(self, method: str, path: str, status: int, body: bytes) -> None:
        try:
            error: Any = msgspec.json.decode(body)["error"]
            self.code, message = str(error["code"]), str(error["message"])
        except (msgspec.DecodeError, KeyError, TypeError):
            self.code, message = f"http_{status}", "no reason was given"
        super().__init__(f"{method} {path} was refused ({self.code}): {message}")


def _decoded(body: bytes) -> Any:
    return msgspec.json.decode(body) if body else None
