"""Ollama: OpenAI's protocol on one's own machine, and the native doors that warm a model and list what is there."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import msgspec
from aiohttp import web

from simulators.chat.door import chat_delays
from simulators.chat.errors import ChatError
from simulators.chat.openai_compatible import OpenAICompatible
from simulators.chat.openai_request import Body, check_template
from simulators.chat.quota import Standing
from simulators.simulation import BaseUrls


class Ollama(OpenAICompatible):
    """Any key is good; the choice of tools is ignored."""

    name = "ollama"
    prefixes = ("/ollama/v1",)
    models = ("llama3.2", "qwen3")
    base_setting = "OLLAMA_BASE_URL"
    delays: ClassVar = chat_delays("ollama")

    def routes(self) -> Iterable[web.RouteDef]:
        yield from super().routes()
        yield web.get("/ollama/api/version", self._version)
        yield web.get("/ollama/api/tags", self._tags)
        yield web.post("/ollama/api/generate", self._warm)

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {self.base_setting: urls.http + self.prefixes[0]}

    def authorize(self, request: web.Request) -> None:
        """Nobody is turned away."""

    def check(self, body: Body) -> None:
        body.pop("tool_choice", None)
        super().check(body)
        check_template(body["messages"])

    def headers(self, standing: Standing) -> dict[str, str]:
        return {}

    def error_body(self, error: ChatError) -> dict[str, Any]:
        return {"error": {"message": error.message, "type": "api_error", "param": None, "code": None}}

    def no_such_model(self, model: str) -> ChatError:
        return ChatError(404, f'model "{model}" not found, try pulling it first')

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response({"version": "0.13.0"})

    async def _tags(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"models": [{"name": name, "model": name} for name in self.options.models or self.models]}
        )

    async def _warm(self, request: web.Request) -> web.Response:
        """Loads a model: ``POST /api/generate`` without a prompt."""
        try:
            body = msgspec.json.decode(await request.read(), type=Body)
        except msgspec.MsgspecError:
            return web.json_response({"error": "invalid JSON"}, status=400)
        self.simulation.seen[self.name].count("warmed")
        return web.json_response({"model": body.get("model"), "response": "", "done": True, "done_reason": "load"})
