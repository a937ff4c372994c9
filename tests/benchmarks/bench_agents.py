"""How long each agent takes over REST, with models as fast as they are said to be, and what of it is ours.

A real server process with its embedded engines and database; the providers simulated, with fixed delays from published
figures where there are any: Cerebras 580 ms to the first token and 3000 tokens/s (a request of the earlier build took
633 ms; third-party figure for the speed of gpt-oss-120b), DeepSeek 900 ms and 100 tokens/s, Apollo 600 ms, Cartesia
90 ms (assumed: no published figure at hand). One caller. "ours" is the same with providers that answer at once.

    python tests/benchmarks/bench_agents.py --runs 20 --json agents.json
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
import msgspec
import numpy as np
from result_file import result_file

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from simulators.app import start
from simulators.config import parse_config

KEY = "sk_bench_of_the_agents_0123456789abcdef"
DELAYS = (
    "cerebras.first_token_ms=580;cerebras.tokens_per_s=3000;deepseek.first_token_ms=900;deepseek.tokens_per_s=100;"
    "apollo.answer_ms=600"
)
NO_DELAYS = (
    "cerebras.first_token_ms=0;cerebras.tokens_per_s=1000000;deepseek.first_token_ms=0;deepseek.tokens_per_s=1000000"
)
PROVIDERS = ("CEREBRAS_", "DEEPSEEK_", "APOLLO_")
LEAD = {
    "company_name": "Acme Insurance",
    "company_size": "51-200",
    "industry": "insurance",
    "contact_name": "Sam Jones",
    "contact_email": "sam.jones@acme.test",
    "contact_title": "VP of Sales",
    "need": "fewer missed calls",
    "notes": "They miss a third of the calls at noon. Budget is 5,000 dollars a month. They want to start next month.",
    "answers": {
        "How many people take calls?": "about twelve",
        "Which telephone system do you use today?": "an old one, in the cellar",
        "Who signs it off?": "our managing director",
    },
}
TARGETS_MS = {
    "qualification": 1000,
    "enrichment": 3000,
    "growth": 5000,
    "marketing": 4000,
    "bdr, to the question": 2000 * 3,
    "bdr, answer to booking": 2000,
    "conversation": 1000,
}
OPPORTUNITIES = {
    "confidence": 0.6,
    "queries": ["Acme Insurance call volume noon", "Acme Insurance phone system"],
    "opportunities": [
        {
            "title": "Answer the noon peak automatically",
            "rationale": "A third of the calls at noon go unanswered, and an agent that never queues takes them from"
            " the first day.",
            "sources": [4, 6],
            "impact": 5,
            "effort": 2,
        },
        {
            "title": "A pilot within the monthly budget",
            "rationale": "They named 5,000 dollars a month and want to start next month, so a priced pilot shortens the"
            " talk.",
            "sources": [6],
            "impact": 4,
            "effort": 1,
        },
        {
            "title": "Grow from sales to claims",
            "rationale": "With 51 to 200 people there are further teams behind the VP of Sales that share the same"
            " telephone lines.",
            "sources": [2, 5],
            "impact": 3,
            "effort": 3,
        },
    ],
}
"""The growth agent's answer, as long as a real one; what the other agents hear is made up to fit, and short."""

READY_S = 60.0

Ask = Callable[[], Awaitable[dict[str, Any]]]


class Result(msgspec.Struct):
    what: str
    target_ms: float
    engine: str
    p50_ms: float
    p95_ms: float
    ours_p50_ms: float
    ours_p95_ms: float
    cost_usd: float


@asynccontextmanager
async def server(settings: dict[str, str], home: Path) -> AsyncIterator[aiohttp.ClientSession]:
    environment = {
        **os.environ,
        **settings,
        "PORT": "0",
        "DATA_DIR": str(home),
        "SALES_AGENT_API_KEY": KEY,
        "STT_PROVIDER": "pocketsphinx",
        "TTS_PROVIDER": "espeak",
        "LOG_LEVEL": "warning",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent_server", "serve"), env=environment, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_S):
            line = ""
            while "is ready" not in line:
                line = (await process.stdout.readline()).decode()
                if not line:
                    raise SystemExit("the server did not start")
        url = line.rsplit(" ", 1)[1].strip().removesuffix("/talk")
        async with aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {KEY}"}) as session:
            yield session
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


def questions(session: aiohttp.ClientSession) -> dict[str, Ask]:
    waiting: list[str] = []

    async def ask(path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with session.post(f"/api/langgraph/{path}", json=body) as response:
            reply: dict[str, Any] = await response.json()
            assert response.status == 200, reply
            assert reply["status"] != "failed", reply
            return reply

    def invoke(agent: str, **given: Any) -> Ask:
        return lambda: ask("invoke", {"agent": agent, "input": given or {"lead": LEAD}})

    async def enrich() -> dict[str, Any]:
        # Another person each time: what is cached would be faster.
        waiting_email = f"sam.jones.{number()}@acme.test"
        return await ask("invoke", {"agent": "enrichment", "input": {"lead": {**LEAD, "contact_email": waiting_email}}})

    async def propose() -> dict[str, Any]:
        reply = await ask("invoke", {"agent": "bdr", "input": {"lead": LEAD}})
        waiting.append(reply["thread_id"])
        return reply

    async def answer() -> dict[str, Any]:
        return await ask("resume", {"agent": "bdr", "thread_id": waiting.pop(), "input": "yes"})

    return {
        "qualification": invoke("qualification"),
        "enrichment": enrich,
        "growth": invoke("growth"),
        "marketing": invoke("marketing"),
        "bdr, to the question": propose,
        "bdr, answer to booking": answer,
        "conversation": invoke("conversation", message="What does it cost for twenty people?"),
    }


def number() -> int:
    return int(perf_counter() * 1e6)


async def measured(runs: int, delays: str, wanted: str) -> dict[str, tuple[list[float], dict[str, Any]]]:
    found = {}
    answer = {"text": msgspec.json.encode(OPPORTUNITIES).decode()}
    rule = {"provider": "deepseek", "when": '"findings"', "reply": answer}
    script = msgspec.json.encode({"script": {"rules": [rule]}})
    async with await start(parse_config(script, delays=delays)) as simulators:
        with tempfile.TemporaryDirectory() as home:
            keys = {name: value for name, value in simulators.settings.items() if name.startswith(PROVIDERS)}
            async with server(keys, Path(home)) as session:
                for what, ask in questions(session).items():
                    if not what.startswith(wanted):
                        continue
                    if what != "bdr, answer to booking":
                        await ask()  # loads what is loaded once
                    taken, reply = [], {}
                    for _ in range(runs):
                        began_s = perf_counter()
                        reply = await ask()
                        taken.append((perf_counter() - began_s) * 1000)
                    found[what] = (taken, reply)
    return found


async def main(runs: int, wanted: str, json: Path | None) -> None:
    real, ours = await measured(runs, DELAYS, wanted), await measured(runs, NO_DELAYS, wanted)
    results = []
    print(f"{'agent':26} {'target':>7} {'p50 ms':>8} {'p95 ms':>8} {'ours p50':>9} {'p95':>7}  cost $      by")
    for what, (taken, reply) in real.items():
        p50, p95 = np.percentile(taken, [50, 95]).tolist()
        own50, own95 = np.percentile(ours[what][0], [50, 95]).tolist()
        result = Result(what, TARGETS_MS[what], reply["engine"], p50, p95, own50, own95, reply["cost_usd"])
        results.append(result)
        print(
            f"{what:26} {result.target_ms:7.0f} {p50:8.0f} {p95:8.0f} {own50:9.1f} {own95:7.1f}"
            f"  {result.cost_usd:.7f}  {result.engine}"
        )
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(results)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--agent", default="", help="only this one; unset: all")
    parser.add_argument("--json", type=result_file)
    options = parser.parse_args()
    asyncio.run(main(options.runs, options.agent, options.json))
