"""The key a server makes for itself: once, for its owner's eyes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent_server.stores.first_key import FILE_NAME, own_key, read_own_key


def test_it_is_made_once(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    assert read_own_key(data) is None
    key, made = own_key(data)
    assert made
    assert key.startswith("sk_sales_")
    assert own_key(data) == (key, False)
    assert read_own_key(data) == key
    assert (data / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in data.iterdir()] == [FILE_NAME]


def test_an_empty_file_is_no_key(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("\n")
    assert read_own_key(tmp_path) is None
    key, made = own_key(tmp_path)
    assert made
    assert read_own_key(tmp_path) == key


def test_of_many_starts_at_once_one_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_server.stores.first_key.os.getpid", iter(range(100)).__next__)
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda _: own_key(tmp_path), range(16)))
    assert len({key for key, _ in results}) == 1
    assert sum(made for _, made in results) == 1
