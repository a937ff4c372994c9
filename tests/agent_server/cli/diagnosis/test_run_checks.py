import asyncio
import time

from agent_server.cli.diagnosis.finding import Finding
from agent_server.cli.diagnosis.run import Check, run_checks
from storage.errors import StorageError


async def never() -> Finding:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def well() -> Finding:
    return Finding("well", "ok", "fine")


async def off() -> Finding:
    return Finding("off", "off", "not configured")


async def broken() -> Finding:
    raise StorageError("database_unreachable", "No database.")


async def test_findings_keep_the_order_and_one_failure_stops_no_other() -> None:
    checks = [Check("slow", never, 0.2), Check("broken", broken), Check("well", well), Check("off", off)]
    found = await run_checks(checks)
    assert [(finding.part, finding.state, finding.detail) for finding in found] == [
        ("slow", "failed", "no answer within 0.2 s"),
        ("broken", "failed", "No database."),
        ("well", "ok", "fine"),
        ("off", "off", "not configured"),
    ]
    assert found[0].took_ms is not None
    assert found[0].took_ms >= 199
    assert found[3].took_ms is None


async def test_checks_run_side_by_side() -> None:
    began = time.monotonic()
    await run_checks([Check(str(number), never, 0.3) for number in range(20)])
    assert time.monotonic() - began < 20 * 0.3 / 2
