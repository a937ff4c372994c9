"""Runs checks side by side, each within its deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from msgspec import Struct

from agent_server.cli.diagnosis.finding import Finding
from agent_server.cli.outcome import explain


class Check(Struct, frozen=True):
    """A check that may take ``deadline_s``. Whatever it raises is a finding."""

    part: str
    run: Callable[[], Awaitable[Finding]]
    deadline_s: float = 5.0


async def run_checks(checks: Sequence[Check]) -> list[Finding]:
    """The findings, in the order of the checks."""
    return list(await asyncio.gather(*(_run(check) for check in checks)))


async def _run(check: Check) -> Finding:
    began = time.perf_counter()
    try:
        async with asyncio.timeout(check.deadline_s):
            finding = await check.run()
    except TimeoutError:
        finding = Finding(check.part, "failed", f"no answer within {check.deadline_s:g} s")
    except Exception as error:
        finding = Finding(check.part, "failed", "; ".join(explain(error)))
    if finding.state == "off":
        return finding
    return msgspec.structs.replace(finding, took_ms=round((time.perf_counter() - began) * 1000, 1))
