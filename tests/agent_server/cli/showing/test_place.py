from pathlib import Path

import pytest

from agent_server.cli.outcome import CommandError
from agent_server.cli.showing.place import Mark, claimed, emptied, read_mark, write_mark


def test_a_demo_has_its_directory_for_itself(tmp_path: Path) -> None:
    place = tmp_path / "demo"
    taken = pytest.raises(CommandError, match=r"runs with .* already; give another --data-dir")
    with claimed(place), taken, claimed(place):
        pass
    with claimed(place):
        pass


def test_what_is_not_a_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "api-key").write_text("sk_sales_real")
    with pytest.raises(CommandError, match="holds something else than a demo"), claimed(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["api-key"]


def test_a_directory_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match=r"cannot be used .*give another --data-dir"), claimed(tmp_path / "file"):
        pass


def test_the_mark_is_kept_and_emptying_takes_all_but_the_lock(tmp_path: Path) -> None:
    with claimed(tmp_path):
        assert read_mark(tmp_path) == Mark()
        write_mark(tmp_path, Mark(filled=True, days=2))
        assert read_mark(tmp_path) == Mark(filled=True, days=2)
        (tmp_path / "postgres").mkdir()
        (tmp_path / "postgres" / "file").write_text("")
        (tmp_path / "elsewhere").symlink_to(Path(__file__).parent)
        emptied(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["demo.lock"]
        (tmp_path / "demo.json").write_text("no JSON")
        assert read_mark(tmp_path) == Mark()
    assert Path(__file__).exists()
