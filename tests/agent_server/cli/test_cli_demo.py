"""``sales-agent demo`` as somebody runs it who has keys of their own set: nothing of theirs is used, everything of the
demo is there, and Ctrl-C ends all of it."""

import asyncio
import json
import re
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from program_process import result_of, start

PEOPLE = {
    "visits": [
        {
            "id": "books", "name": "Nora Whitfield", "door": "widget", "opening": True,
            "lines": [{"text": line} for line in (
                "We're 25 people at Alder Bakery and have about 2k a month, we need to answer calls faster",
                "I make the decision, and we want it next month", "The first one please", "Nora Whitfield",
                "nora@alder-bakery.example.com", "Yes",
            )],
        },
        {
            "id": "waits", "name": "Victor Lang", "door": "widget", "opening": True,
            "lines": [{"text": "I'd rather talk to a real person, please.", "stays_s": 60}],
        },
        {
            "id": "calls", "name": "Walter Dunn", "door": "phone", "number": "+14805550121", "opening": True,
            "lines": [{"text": "Thank you goodbye.", "breaks_in": True}],
        },
        {"id": "leaves", "name": "Sam Okafor", "door": "api", "lines": [{"text": "Goodbye."}]},
    ]
}  # fmt: skip
REAL_KEYS = {
    "OPENAI_API_KEY": "sk-live-0123456789abcdef",
    "CEREBRAS_API_KEY": "csk-live-0123456789abcdef",
    "CLOSE_API_KEY": "api_live_0123456789abcdef",
    "DATABASE_URL": "postgresql://live.example.org/sales",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}
DEADLINE_S = 150.0


@pytest.fixture
def data_dir(cluster_home: Path) -> Iterator[Path]:
    """Where a cluster waits for no disk."""
    with tempfile.TemporaryDirectory(dir=cluster_home, ignore_cleanup_errors=True) as directory:
        yield Path(directory)


@pytest.mark.realtime
async def test_a_day_is_there_goes_on_and_ends_cleanly(tmp_path: Path, data_dir: Path) -> None:
    (tmp_path / "people.json").write_text(json.dumps(PEOPLE))
    (tmp_path / ".env").write_text("ANTHROPIC_API_KEY=sk-ant-live-0123456789\nDEEPGRAM_API_KEY=live-0123456789\n")
    arguments = ("demo", "--port", "0", "--every", "1", "--cast", "people.json")
    process = await start(*arguments, cwd=tmp_path, DATA_DIR=str(data_dir), **REAL_KEYS)
    started = psutil.Process(process.pid)
    try:
        printed = await lines_until(process, "< Walter Dunn, telephone: ", "< Sam Okafor", "! Victor Lang waits")
        doors = started.children(recursive=True)
        url = found(r"The console: (\S+)/", printed)
        key = found(r"Its key: +(\S+)", printed)
        async with aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {key}"}) as http:
            await check(http)
    finally:
        process.send_signal(signal.SIGINT)
    result = await result_of(process)
    assert (result.code, result.err) == (0, "")
    assert psutil.wait_procs(doors, timeout=5)[1] == []
    assert len(doors) > 1
    assert "< Walter Dunn, telephone: asked, and left (1 line)" in printed
    assert re.search(
        r"Leads +(\. )*30 of 32 rows of a table \(line 32: invalid_email; line 33: lead_unnamed\)", printed
    )
    assert result.out.endswith(
        "Stopped; nothing is left running.\n"
        "  sales-agent demo             goes on with the same data\n"
        "  sales-agent demo --fresh     begins anew\n"
    )
    assert (data_dir / "demo" / "close.json").stat().st_size > 1000
    assert " error " not in (data_dir / "demo" / "server.log").read_text()


async def check(http: aiohttp.ClientSession) -> None:
    """What the console shows."""
    assert "nora@alder-bakery.example.com" in [row["email"] for row in (await got(http, "/api/bookings"))["items"]]
    assert len((await got(http, "/api/leads?limit=200"))["items"]) >= 100
    assert (await got(http, "/api/supervision/waiting"))["items"]
    assert [row["state"] for row in (await got(http, "/api/sync/conflicts"))["items"]] == ["open"]
    (campaign,) = (await got(http, "/api/campaigns"))["items"]
    assert (campaign["status"], campaign["approvable"]) == ("ready", 15)
    assert len((await got(http, "/api/customers"))["items"]) == 3
    assert (await got(http, "/api/research"))["items"][0]["status"] == "completed"
    calls = (await got(http, "/api/conversations?channel=phone&status=closed&limit=50"))["items"]
    (walter,) = [call for call in calls if call["metadata"].get("calls_from") == "+14805550121"]
    assert walter["contact_name"] == "Walter Dunn"
    costs = await got(http, "/api/reports/costs")
    assert len(costs["days"]) > 14
    assert [float(day["cost_usd"]) for day in costs["days"] if day["cost_usd"]] == []
    health = await got(http, "/api/health")
    assert health["components"]["language_model"]["detail"] == "playbook"
    assert health["components"]["model_providers"]["detail"] == "none"


async def got(http: aiohttp.ClientSession, path: str) -> Any:
    async with http.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def lines_until(process: asyncio.subprocess.Process, *wanted: str) -> str:
    """What is printed until each of these was."""
    assert process.stdout is not None
    printed = ""
    async with asyncio.timeout(DEADLINE_S):
        while not all(each in printed for each in wanted):
            line = await process.stdout.readline()
            assert line, printed
            printed += line.decode()
    return printed


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[1]
