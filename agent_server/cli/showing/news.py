"""What the demo prints: one line a step, and one as each conversation begins and ends."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, Final, TypeVar

from agent_server.cli.showing.cast import Door, Visit
from agent_server.cli.showing.past.weeks import DAYS, Past
from storage.leads.after_outcomes import OutcomeKind

T = TypeVar("T")

DOORS: Final[dict[Door, str]] = {
    "widget": "chat on a page",
    "api": "a program of theirs",
    "phone": "telephone",
    "terminal": "terminal",
}
OUTCOMES: Final[tuple[tuple[OutcomeKind, str], ...]] = (
    ("opt_out", "wants no more calls"),
    ("meeting", "booked a meeting"),
    ("handoff", "asked for a person"),
)
"""The one that matters most first."""

_DOT_S: Final = 1.0
_WIDTH: Final = 10


_held: list[str] | None = None
"""What is said while a step's line is not at its end."""


def say(line: str = "") -> None:
    if _held is not None:
        _held.append(line)
    else:
        _write(line + "\n")


async def step(name: str, work: Callable[[], Awaitable[T]], told: Callable[[T], str]) -> T:
    """One line: what is made, a dot a second while it is, and what it became."""
    global _held  # noqa: PLW0603 - there is one standard output
    _write(f"  {name:<{_WIDTH}} ")
    _held = []
    told_at_last = ""
    began = time.perf_counter()
    dots = asyncio.create_task(_dots(), name="dots")
    try:
        made = await work()
        took = time.perf_counter() - began
        told_at_last = told(made) + (f" ({took:.0f} s)" if took >= 1 else "")
    finally:
        dots.cancel()
        await asyncio.wait([dots])
        meanwhile, _held = _held, None
        for line in (told_at_last, *meanwhile):
            say(line)
    return made


async def _dots() -> None:
    while True:
        await asyncio.sleep(_DOT_S)
        _write(". ")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def past(found: Past) -> str:
    return f"{DAYS} days: {count_of(len(found.talks), 'conversation')}, {count_of(len(found.calls), 'call')}"


def began(visit: Visit, at: datetime) -> str:
    return f"{at:%H:%M:%S}  > {visit.name}, {DOORS[visit.door]}"


def ended(visit: Visit, at: datetime, became: str) -> str:
    return f"{at:%H:%M:%S}  < {visit.name}, {DOORS[visit.door]}: {became}"


def waits(name: str, address: str, at: datetime) -> str:
    return f"{at:%H:%M:%S}  ! {name} waits for a person: {address}"


def became(conversation: Any) -> str:
    """What came of one, as the API shows it; None: it never began."""
    if conversation is None:
        return "was not let in"
    kinds = {outcome["kind"] for outcome in conversation["outcomes"]}
    turns = sum(item.get("role") == "user" for item in conversation["items"])
    what = next((words for kind, words in OUTCOMES if kind in kinds), "asked, and left")
    return f"{what} ({_lines(turns)})"


def _lines(count: int) -> str:
    return count_of(count, "line")


def count_of(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"


def opening_words(url: str, key: str, data_dir: object) -> Iterable[str]:
    """``data_dir``: where the key is kept as well."""
    yield f"The console: {url}/"
    yield f"Its key:     {key}"
    yield f"Talk to it:  {url}/talk (type: the recogniser is simulated, and knows the demo's callers alone)"
    yield f"All of it is made up, and kept in {data_dir}; nothing goes out."


def going_on(every_s: float) -> str:
    return f"Now somebody comes about every {every_s:g} s, until Ctrl-C."


def farewell(command: str) -> Iterable[str]:
    yield "Stopped; nothing is left running."
    yield f"  {command:<28} goes on with the same data"
    yield f"  {command + ' --fresh':<28} begins anew"
