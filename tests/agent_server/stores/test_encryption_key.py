"""A process with another key than its database's says so, at the start and in the health."""

import logging
from pathlib import Path

import pytest

from agent_server.settings import ProcessSettings
from agent_server.stores.encryption_key import (
    ENCRYPTION_KEY_FILE,
    encryption_key_component,
    encryption_key_state,
    encryption_keys,
    tell_of_another_key,
)
from crm.vault import VaultError, generate_key
from storage.postgres.database import Database

OLD, NEW, FOREIGN = generate_key(), generate_key(), generate_key()


async def state_with(database: Database, keys: str) -> str:
    return (await encryption_key_state(ProcessSettings(encryption_key=keys), database)).status


async def test_a_key_is_replaced_by_one_beside_it(database: Database) -> None:
    for keys, expected in ((OLD, "ok"), (NEW, "degraded"), (f"{NEW},{OLD}", "ok"), (NEW, "ok"), (FOREIGN, "degraded")):
        assert await state_with(database, keys) == expected


async def test_a_second_machine_with_a_key_of_its_own_is_told(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        await tell_of_another_key(ProcessSettings(data_dir=tmp_path / "first"), database)
        assert caplog.text == ""
        await tell_of_another_key(ProcessSettings(data_dir=tmp_path / "second"), database)
    assert "the same ENCRYPTION_KEY" in caplog.text


async def test_what_keeps_it_from_being_looked_at_is_told_where_it_belongs(database: Database, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.write_text("no directory any more", encoding="ascii")
    state = await encryption_key_component(ProcessSettings(data_dir=gone), database).check()
    assert state.status == "degraded"
    assert str(gone) in (state.detail or "")
    await database.aclose()
    assert await state_with(database, OLD) == "ok", "the database's trouble is the database's"


def test_a_file_that_holds_no_key_is_named(tmp_path: Path) -> None:
    (tmp_path / ENCRYPTION_KEY_FILE).write_text("garbage", encoding="ascii")
    with pytest.raises(VaultError, match=ENCRYPTION_KEY_FILE):
        encryption_keys(ProcessSettings(data_dir=tmp_path))
