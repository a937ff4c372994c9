"""The embedded database is started again when it dies under the server."""

import os
import signal
import tempfile
from pathlib import Path

import pytest
from scripted_engines import scripted_engines

from agent_server.settings import read_settings
from agent_server.startup import running_services
from agent_server.stores import database_watch
from pipelines.conversation.rim.ports import Engines
from storage.conversations.records import ConversationRecord


async def start_engines(*_: object) -> Engines:
    return scripted_engines()


def postmaster(cluster: Path) -> int:
    return int((cluster / "postmaster.pid").read_text().splitlines()[0])


async def test_what_was_said_while_it_was_dead_is_kept(cluster_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_watch, "EVERY_S", 0.1)
    with tempfile.TemporaryDirectory(prefix="sales-agent-watch-", dir=cluster_home) as directory:
        await _kill_and_flush(Path(directory) / "data")


async def _kill_and_flush(data_dir: Path) -> None:
    settings = read_settings({"DATA_DIR": str(data_dir)}, {}, {})
    async with running_services(settings, start_engines=start_engines) as services:
        before = postmaster(data_dir / "postgres")
        os.kill(before, signal.SIGQUIT)
        now = services.utc_now()
        services.conversation_log.conversation(
            ConversationRecord(id="conv_1", channel="widget", created_at=now, updated_at=now)
        )
        assert await services.conversation_log.flush("conv_1", 60.0)
        assert await services.conversations.get("conv_1") is not None
        assert postmaster(data_dir / "postgres") != before
