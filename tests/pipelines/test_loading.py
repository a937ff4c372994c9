"""Imports in one thread: modules that import each other in a circle come whole, whoever asks at once."""

import asyncio
import importlib
import sys
import threading
from pathlib import Path

import pytest

from pipelines.loading import loaded


@pytest.fixture
def circle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two modules like those of a large package: each works when it is imported first, and alone."""
    names = ("circle_left", "circle_right")
    for own, other in (names, names[::-1]):
        text = f"import time\ntime.sleep(0.1)\nimport {other}\nready = True\n"
        (tmp_path / f"{own}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    return names


def ready(name: str) -> bool:
    """Raises AttributeError "partially initialized module" when it came half made."""
    module = importlib.import_module(name)
    other = getattr(module, "circle_right" if name == "circle_left" else "circle_left")
    return bool(module.ready and other.ready)


async def test_modules_in_a_circle_come_whole(circle: tuple[str, str]) -> None:
    left, right = circle
    assert await asyncio.gather(loaded(lambda: ready(left)), loaded(lambda: ready(right))) == [True, True]


async def test_it_is_the_same_thread_that_imports_and_never_the_loops() -> None:
    threads = await asyncio.gather(*(loaded(threading.get_ident) for _ in range(5)))
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


async def test_a_failed_import_fails_for_who_asked_alone() -> None:
    with pytest.raises(ModuleNotFoundError):
        await loaded(lambda: importlib.import_module("no_such_module_of_ours"))
    assert await loaded(lambda: 1) == 1


async def test_the_event_loop_gets_its_turn_sooner_while_something_is_imported() -> None:
    usual_s = sys.getswitchinterval()
    assert await loaded(sys.getswitchinterval) < usual_s / 5
    assert sys.getswitchinterval() == usual_s
