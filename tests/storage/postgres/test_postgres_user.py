import os
import stat
from pathlib import Path

import pytest

from storage.errors import EmbeddedDatabaseError
from storage.postgres.user import ServerUser, missing_search_bit, open_programs, open_way

SERVER = ServerUser(name="pgserver", uid=70, gid=70, groups=frozenset({70, 80}))


def status(mode: int, uid: int, gid: int) -> os.stat_result:
    return os.stat_result((stat.S_IFDIR | mode, 0, 0, 1, uid, gid, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "missing"),
    [
        (0o700, 0, 0, stat.S_IXOTH),
        (0o711, 0, 0, 0),
        (0o755, 0, 0, 0),
        (0o701, 0, 80, stat.S_IXGRP),  # the group's bits decide for its members, not the others'
        (0o710, 0, 80, 0),
        (0o077, 70, 0, stat.S_IXUSR),
        (0o700, 70, 0, 0),
    ],
)
def test_which_bit_is_missing(mode, uid, gid, missing):
    assert missing_search_bit(status(mode, uid, gid), SERVER) == missing


def test_a_private_directory_may_be_passed_but_not_listed_afterwards(tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    open_way(private / "data", SERVER)
    assert stat.S_IMODE(private.stat().st_mode) == 0o701


def test_a_way_that_cannot_be_opened_says_what_to_do(tmp_path, monkeypatch):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)

    def refuse(self: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(EmbeddedDatabaseError) as caught:
        open_way(private / "data", SERVER)
    assert caught.value.code == "data_dir_not_traversable"
    assert f"chmod o+x {tmp_path}" in str(caught.value)


def test_programs_unpacked_for_their_owner_alone_are_opened(tmp_path):
    program = tmp_path / "bin" / "postgres"
    program.parent.mkdir(mode=0o700)
    program.touch(mode=0o700)
    text = tmp_path / "bin" / "notes"
    text.touch(mode=0o600)
    open_programs(tmp_path, SERVER)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (program.parent, program, text)] == [0o705, 0o705, 0o604]
