import subprocess
import sys

import pytest

from storage.shared.file_lock import FileLock

HOLD = """
import sys, time
from pathlib import Path
from storage.shared.file_lock import FileLock
lock = FileLock(Path(sys.argv[1]))
lock.acquire(shared=sys.argv[2] == "shared", timeout_s=1)
print("held", flush=True)
time.sleep(60)
"""


def test_an_exclusive_lock_keeps_others_out(tmp_path):
    first, second = FileLock(tmp_path / "l"), FileLock(tmp_path / "l")
    first.acquire(timeout_s=1)
    with pytest.raises(TimeoutError):
        second.acquire(timeout_s=0.05)
    with pytest.raises(TimeoutError):
        second.acquire(shared=True, timeout_s=0)
    first.release()
    second.acquire(timeout_s=0)
    assert second.held
    assert not first.held
    second.release()


def test_the_last_holder_can_become_exclusive(tmp_path):
    first, second = FileLock(tmp_path / "l"), FileLock(tmp_path / "l")
    first.acquire(shared=True, timeout_s=0)
    second.acquire(shared=True, timeout_s=0)
    assert not first.make_exclusive()
    first.release()
    assert second.make_exclusive()
    second.release()


def test_nobody_holds_nothing(tmp_path):
    lock = FileLock(tmp_path / "l")
    assert not lock.make_exclusive()
    lock.release()
    with pytest.raises(FileNotFoundError):
        FileLock(tmp_path / "missing" / "l").acquire(timeout_s=0)


@pytest.mark.parametrize("mode", ["shared", "exclusive"])
def test_a_killed_process_holds_nothing(tmp_path, mode):
    lock = FileLock(tmp_path / "l")
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path / "l", mode], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(TimeoutError):
            lock.acquire(timeout_s=0)
        process.kill()
    lock.acquire(timeout_s=0)
    lock.release()
