"""What a typed turn adds to the model's first token: the server, the bare relay, and a request as long made directly,
by turns.

All are timed by one client on another core: from the request's last byte to the first text. The simulated model takes
20 ms, so that its own jitter is small beside what is measured; it answers at the next tick of the simulators' clock, so
everybody asks at all moments between two ticks alike. ``added``: over the direct request, of which the relay's is what
any server between the two adds: one more process to wake, twice. The relay's requests are of a line or two, the
server's of tools and history, which the model reads first; so does it the direct one, which is filled up to as many
tokens.

    python tests/benchmarks/bench_typed_turns.py --turns 300 --json bench-results/typed_turns.json
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
from numpy.typing import NDArray
from result_file import result_file
from wire_client import WireClient, text_frame

from simulators.clock import GRID_S

FIRST_TOKEN_MS = 20.0
TIMEOUT_S = 10.0
WARM_UP = 10
TURNS = 5
"""Of a conversation: as long as typed ones are."""
REST_S = 0.03
"""Between two questions: what is done once an answer is told is no part of the next."""
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
    added_ms: float
    added_error_ms: float
    relay_added_ms: float
    relay_added_error_ms: float


class _Usage(Struct, frozen=True):
    input_tokens: int = 0


class _Response(Struct, frozen=True):
    usage: _Usage | None = None


class _Event(Struct):
    type: str
    response: _Response | None = None


_CHARACTERS_PER_TOKEN = 4
"""As the simulated model counts a prompt's."""

CUT_PERCENT = 2
"""At each end."""

_GOLDEN = 0.618034
"""Its multiples are spread evenly over the unit interval."""

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


async def rest(number: int) -> None:
    """Until a moment between two ticks, the same for all of a round. Who asks always as long after an answer meets the
    ticks always at the same place, and is up to a whole one early or late: more than anybody here takes."""
    await asyncio.sleep(REST_S)
    until = time.perf_counter() + GRID_S * (number * _GOLDEN % 1.0)
    while time.perf_counter() < until:  # the loop's own timers are too coarse
        pass


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
            took: list[list[float]] = []
            """By the server, the relay, and directly."""
            for number in range(turns + WARM_UP):
                if number % TURNS == 0:
                    callers = [TypingCaller(), TypingCaller()]
                    for caller, asked in zip(callers, (server, relay), strict=True):
                        await caller.open(asked.url)
                answered: list[float] = []
                for caller in callers:
                    await rest(number)
                    answered.append(await caller.ask())
                await rest(number)
                answered.append(await ask_directly(http, settings, callers[0].prompt_tokens))
                if number >= WARM_UP:
                    took.append(answered)
                if number % TURNS == TURNS - 1:
                    for caller in callers:
                        caller.close()
    p50, p95 = np.percentile(took, [50, 95], axis=0).tolist()
    by_server, by_relay, direct = np.array(took).T
    return Result(
        conditions(),
        turns,
        p50[0],
        p95[0],
        p50[1],
        p95[1],
        p50[2],
        p95[2],
        *over(by_server, direct),
        *over(by_relay, direct),
    )


def over(took: NDArray[np.float64], direct: NDArray[np.float64]) -> tuple[float, float]:
    """What it adds, and the standard error of that: the mean of the rounds' differences, in which the ticks cancel out,
    without the few at both ends in which the machine did something else."""
    differences = np.sort(took - direct)
    cut = len(differences) * CUT_PERCENT // 100
    kept = differences[cut : len(differences) - cut]
    return float(kept.mean()), float(kept.std() / len(kept) ** 0.5)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--turns", type=int, default=300)
    arguments.add_argument("--json", type=result_file)
    given = arguments.parse_args()
    print(conditions())
    result = asyncio.run(run(given.turns))
    print(f"{'':10}{'p50 ms':>9}{'p95 ms':>9}{'added ms':>16}")
    print(f"{'server':10}{result.server_p50_ms:9.2f}{result.server_p95_ms:9.2f}", end="")
    print(f"{result.added_ms:9.2f} ± {result.added_error_ms:.2f}")
    print(f"{'relay':10}{result.relay_p50_ms:9.2f}{result.relay_p95_ms:9.2f}", end="")
    print(f"{result.relay_added_ms:9.2f} ± {result.relay_added_error_ms:.2f}")
    print(f"{'direct':10}{result.direct_p50_ms:9.2f}{result.direct_p95_ms:9.2f}")
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(result)))


if __name__ == "__main__":
    main()
