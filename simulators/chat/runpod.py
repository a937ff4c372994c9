"""RunPod: a vLLM worker behind a serverless endpoint. A cold start is a stall: ``runpod:stall,duration_ms=8000``."""

from collections.abc import Iterable
from typing import Any, ClassVar

from aiohttp import web

from simulators.chat.door import chat_delays
from simulators.chat.errors import ChatError
from simulators.chat.openai_compatible import OpenAICompatible
from simulators.chat.openai_request import Body, check_template
from simulators.chat.quota import Standing

_ENDPOINT = "/runpod/v2/{endpoint}"


class RunPod(OpenAICompatible):
    name = "runpod"
    prefixes = ("/runpod/v2/simulated/openai/v1",)
    models = ("simulated-vllm",)
    key_setting = "RUNPOD_API_KEY"
    base_setting = "RUNPOD_VLLM_API_BASE"
    delays: ClassVar = chat_delays("runpod")

    def routes(self) -> Iterable[web.RouteDef]:
        yield from super().routes()
        yield web.get(f"{_ENDPOINT}/health", self._health)

    def check(self, body: Body) -> None:
        super().check(body)
        check_template(body["messages"])

    def headers(self, standing: Standing) -> dict[str, str]:
        return {}

    def error_body(self, error: ChatError) -> dict[str, Any]:
        kind = "NotFoundError" if error.status == 404 else "BadRequestError" if error.status == 400 else error.kind
        return {"error": {"message": error.message, "type": kind, "param": error.param, "code": error.status}}

    def no_such_model(self, model: str) -> ChatError:
        return ChatError(404, f"The model `{model}` does not exist.", param="model")

    async def _health(self, request: web.Request) -> web.Response:
        try:
            self.authorize(request)
        except ChatError as error:
            return web.json_response(self.error_body(error), status=error.status)
        seen = self.simulation.seen[self.name]
        workers = {"idle": 1, "initializing": 0, "ready": 1, "running": seen.busy, "throttled": 0, "unhealthy": 0}
        done = seen.counters["requests"] - seen.busy
        jobs = {"inQueue": 0, "inProgress": seen.busy, "completed": done, "failed": 0, "retried": 0}
        return web.json_response({"workers": workers, "jobs": jobs})
