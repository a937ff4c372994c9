"""What a typed turn adds to the model's first token: the server, the bare relay, and a request as long made directly,
by turns.

All are timed by one client on another core: from the request's last byte to the first text. The simulated model takes
20 ms, so that its own jitter is small beside what is measured. ``added``: over the direct request, of which the relay's
is what any server between the two adds: one more process to wake, twice. The relay's requests are of a line or two, the
server's of tools and history, which the model reads first; so does it the direct one, which is filled up to as many
tokens.

    python tests/benchmarks/bench_typed_turns.py --turns 150 --json bench-results/typed_turns.json
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import msgspec
import numpy as np
import stage
from conditions import Conditions, conditions
from msgspec import Struct
from result_file import result_file
from wire_client import WireClient, text_frame

FIRST_TOKEN_MS = 20.0
TIMEOUT_S = 10.0
WARM_UP = 10
TURNS = 5
"""Of a conversation: as long as typed ones are."""
QUESTION = "What does it cost for a team of twenty people?"
INSTRUCTIONS = "You are a friendly sales agent on a live call. Answer briefly."


class Result(Struct):
    conditions: Conditions
    turns: int
    server_p50_ms: float
    server_p95_ms: float
    relay_p50_ms: float
    relay_p95_ms: float
    direct_p50_ms: float
    direct_p95_ms: float
    added_p50_ms: float
    added_p95_ms: float
    relay_added_p50_ms: float
    relay_added_p95_ms: float


class _Usage(Struct, frozen=True):
    input_tokens: int = 0


class _Response(Struct, frozen=True):
    usage: _Usage | None = None


class _Event(Struct):
    type: str
    response: _Response | None = None


_CHARACTERS_PER_TOKEN = 4
"""As the simulated model counts a prompt's."""

_event = msgspec.json.Decoder(_Event).decode


class TypingCaller:
    """One conversation in text."""

    def __init__(self) -> None:
        self._first_at = 0.0
        self._done = asyncio.Event()
        self._line: WireClient | None = None
        self.prompt_tokens = 0
        """Of the last turn."""

    async def open(self, url: str) -> None:
        self._line = await WireClient.connect(url, stage.KEY, self._on_text, self._done.set)
        session = {"type": "realtime", "output_modalities": ["text"], "instructions": INSTRUCTIONS}
        self._send({"type": "session.update", "session": session})

    async def ask(self) -> float:
        """Milliseconds to the first text."""
        self._first_at = 0.0
        self._done.clear()
        content = [{"type": "input_text", "text": QUESTION}]
        item = {"type": "message", "role": "user", "content": content}
        self._send({"type": "conversation.item.create", "item": item})
        began = time.perf_counter()
        self._send({"type": "response.create"})
        async with asyncio.timeout(TIMEOUT_S):
            await self._done.wait()
        return (self._first_at - began) * 1000

    def close(self) -> None:
        if self._line is not None:
            self._line.close()

    def _send(self, event: Mapping[str, object]) -> None:
        assert self._line is not None
        self._line.send(text_frame(msgspec.json.encode(event).decode()))

    def _on_text(self, message: bytes) -> None:
        event = _event(message)
        kind = event.type
        if kind == "response.output_text.delta" and not self._first_at:
            self._first_at = time.perf_counter()
        elif kind == "response.done":
            if event.response is not None and event.response.usage is not None:
                self.prompt_tokens = event.response.usage.input_tokens
            self._done.set()


async def ask_directly(http: aiohttp.ClientSession, settings: Mapping[str, str], prompt_tokens: int) -> float:
    """The same question to the model itself, in a prompt as long; milliseconds to the first text."""
    instructions = INSTRUCTIONS.ljust(prompt_tokens * _CHARACTERS_PER_TOKEN - len(QUESTION), ".")
    messages = [{"role": "system", "content": instructions}, {"role": "user", "content": QUESTION}]
    body = {"model": "llama3.1-8b", "stream": True, "messages": messages}
    headers = {"Authorization": f"Bearer {settings['CEREBRAS_API_KEY']}"}
    began, first_at = time.perf_counter(), 0.0
    async with http.post(f"{settings['CEREBRAS_API_BASE']}/chat/completions", json=body, headers=headers) as response:
        async for line in response.content:
            if not first_at and b'"content":"' in line:
                first_at = time.perf_counter()
    return (first_at - began) * 1000


async def run(turns: int) -> Result:
    core = stage.cores()
    os.sched_setaffinity(0, {core.others})
    delays = {**stage.DELAYS, "cerebras.first_token_ms": FIRST_TOKEN_MS}
    with tempfile.TemporaryDirectory(prefix="sales-agent-bench-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
        async with (
            stage.simulators(directory, core.others, delays) as settings,
            stage.product(directory, settings, core.server, core.others) as server,
            stage.relay(directory, settings, core.server) as relay,
            aiohttp.ClientSession() as http,
        ):
            took: list[tuple[float, float, float]] = []
            for number in range(turns + WARM_UP):
                if number % TURNS == 0:
                    callers = [TypingCaller(), TypingCaller()]
                    for caller, asked in zip(callers, (server, relay), strict=True):
                        await caller.open(asked.url)
                by_server, by_relay = [await caller.ask() for caller in callers]
                direct = await ask_directly(http, settings, callers[0].prompt_tokens)
                if number >= WARM_UP:
                    took.append((by_server, by_relay, direct))
                if number % TURNS == TURNS - 1:
                    for caller in callers:
                        caller.close()
    (server50, relay50, direct50), (server95, relay95, direct95) = np.percentile(took, [50, 95], axis=0).tolist()
    return Result(
        conditions(),
        turns,
        server50,
        server95,
        relay50,
        relay95,
        direct50,
        direct95,
        added_p50_ms=server50 - direct50,
        added_p95_ms=server95 - direct95,
        relay_added_p50_ms=relay50 - direct50,
        relay_added_p95_ms=relay95 - direct95,
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--turns", type=int, default=150)
    arguments.add_argument("--json", type=result_file)
    given = arguments.parse_args()
    print(conditions())
    result = asyncio.run(run(given.turns))
    print(f"{'':10}{'p50 ms':>9}{'p95 ms':>9}{'added':>9}{'added':>9}")
    rows = {
        "server": (result.server_p50_ms, result.server_p95_ms, result.added_p50_ms, result.added_p95_ms),
        "relay": (result.relay_p50_ms, result.relay_p95_ms, result.relay_added_p50_ms, result.relay_added_p95_ms),
        "direct": (result.direct_p50_ms, result.direct_p95_ms),
    }
    for name, figures in rows.items():
        print(f"{name:10}" + "".join(f"{figure:9.2f}" for figure in figures))
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(result)))


if __name__ == "__main__":
    main()
