"""What every language model's door does: count, let faults strike, check the key and quota, refuse, notice hang-ups."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from aiohttp import web
from msgspec import Struct

from simulators.chat.errors import ChatError
from simulators.chat.prompt_cache import PromptCache
from simulators.chat.quota import Quota, Standing
from simulators.chat.replies import Answer
from simulators.chat.stream import Out, Wire, send_stream, send_whole, think
from simulators.chat.tokens import count_prompt
from simulators.chat.turn import Turn
from simulators.config import ModelOptions
from simulators.delays import Constant, Distribution
from simulators.faults import Fault, Moment
from simulators.flow import Flow
from simulators.simulation import BaseUrls, Simulation

_UNASKED_OUTPUT_TOKENS = 1024

Body = dict[str, Any]


def chat_delays(name: str, comment_ms: float = 10_000) -> Mapping[str, Distribution]:
    """The usual model of the budgets: 150 ms to the first token, then 400 tokens a second."""
    return {
        f"{name}.connect_ms": Constant(0),
        f"{name}.first_token_ms": Constant(150),
        f"{name}.tokens_per_s": Constant(400),
        f"{name}.comment_ms": Constant(comment_ms),
    }


class Reply(Struct, frozen=True):
    """A reply ready to go: as a stream, or ``whole`` in one piece. ``word``: an error within the stream."""

    wire: Wire
    whole: bytes | None
    word: Callable[[Fault], bytes]


class ChatDoor(ABC):
    """Base class of the vendors."""

    name: ClassVar[str]
    models: ClassVar[tuple[str, ...]]
    delays: ClassVar[Mapping[str, Distribution]]

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.options = simulation.config.models.get(self.name, ModelOptions())
        self.quota = Quota(self.options.requests_per_minute, self.options.tokens_per_minute)
        self.cache = PromptCache()

    @abstractmethod
    def routes(self) -> Iterable[web.RouteDef]: ...

    @abstractmethod
    def settings(self, urls: BaseUrls) -> Mapping[str, str]: ...

    @abstractmethod
    async def serve(self, request: web.Request, headers: dict[str, str]) -> web.StreamResponse:
        """Answer one request; ``headers`` go with any answer and may be added to. Raises ChatError."""

    @abstractmethod
    def authorize(self, request: web.Request) -> None:
        """Raises ChatError."""

    @abstractmethod
    def error_body(self, error: ChatError) -> Body: ...

    @abstractmethod
    def over_quota(self, what: str, retry_after_s: float | None) -> ChatError:
        """``what``: ``requests`` or ``tokens``."""

    @abstractmethod
    def no_such_model(self, model: str) -> ChatError: ...

    @abstractmethod
    def headers(self, standing: Standing) -> dict[str, str]:
        """Of every answer to a request that was booked."""

    def fault_error(self, fault: Fault) -> ChatError:
        """A fault in the vendor's words."""
        if fault.kind == "rate_limit":
            return self.over_quota("requests", fault.retry_after_s)
        status = fault.status or (503 if fault.kind == "refuse" else 500)
        message = "The server had an error while processing your request. Sorry about that!"
        return ChatError(status, message, kind="server_error", retry_after_s=fault.retry_after_s)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """The handler of chat requests."""
        seen = self.simulation.seen[self.name]
        seen.count("requests")
        seen.busy += 1
        headers: dict[str, str] = {}
        try:
            return await self.serve(request, headers)
        except ChatError as error:
            seen.count("refused")
            return self.refusal(error, headers)
        except asyncio.CancelledError:
            seen.count("aborted")
            raise
        finally:
            seen.busy -= 1

    async def admit(self, request: web.Request) -> None:
        """Pass the connect moment and the key check. Raises ChatError."""
        await self.reach(Flow(self.simulation, self.name, request), "connect")
        await self.simulation.clock.sleep_ms(self.simulation.delays.draw(self.name, "connect_ms"))
        self.authorize(request)

    async def reach(self, flow: Flow, moment: Moment) -> None:
        """Raises ChatError where a fault strikes that the vendor words."""
        if fault := await flow.reach(moment):
            raise self.fault_error(fault)

    def remember(self, request: web.Request, body: Body) -> None:
        self.simulation.seen[self.name].requests.append({"path": request.path, "body": dict(body)})

    def check_model(self, model: str) -> None:
        """Raises ChatError."""
        if self.options.models is not None and model not in self.options.models:
            raise self.no_such_model(model)

    def book(self, turn: Turn) -> dict[str, str]:
        """Book what the request may cost at most, and return the answer's headers. Raises ChatError."""
        tokens = count_prompt(len(turn.prompt)) + (turn.most_tokens or _UNASKED_OUTPUT_TOKENS)
        standing = self.quota.book(tokens, self.simulation.clock.now())
        if standing.exceeded is not None:
            raise self.over_quota(standing.exceeded, round(standing.reset_s, 1))
        return self.headers(standing)

    def tally(self, prompt_tokens: int, written: Answer) -> None:
        seen = self.simulation.seen[self.name]
        seen.count("prompt_tokens", prompt_tokens)
        seen.count("completion_tokens", written.tokens)

    def refusal(self, error: ChatError, headers: dict[str, str]) -> web.Response:
        if error.retry_after_s is not None:
            headers = {**headers, "Retry-After": f"{error.retry_after_s:g}"}
        return web.json_response(self.error_body(error), status=error.status, headers=headers)

    async def send(self, request: web.Request, reply: Reply, headers: dict[str, str]) -> web.StreamResponse:
        """Send a reply as faults allow. Raises ChatError up to the first byte."""
        out = Out(self.simulation, self.name, request, Flow(self.simulation, self.name, request))
        await self.reach(out.flow, "accepted")
        if reply.whole is not None:
            await think(out, len(reply.wire.pieces), self.reach)
            return await send_whole(out, reply.whole, headers)
        return await send_stream(out, reply.wire, headers, reply.word)
