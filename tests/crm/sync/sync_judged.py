"""Whoever judges is judged: what a test needs to find a planted mistake by the histories."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import Phase
from hypothesis.errors import FlakyFailure
from sync_histories import Histories, explore
from sync_planted import FIRST_SEEDS, PLANTS, Plant

from storage.errors import StorageError
from storage.postgres.database import Database

SOON = 60
"""Histories a seed: most of a row are variations of its first few, so that many short rows find more than few long
ones."""

FIRST = 30
"""Of a seed that is known to find one; how many there are to be changes which they are."""

SEEDS = range(1, 16)


def plants_in(*kinds: type[Histories]) -> list[Plant]:
    """The mistakes that histories of these kinds find."""
    return [plant for plant, (histories, _) in PLANTS.items() if histories in kinds]


def find(plant: Plant, place: tuple[asyncio.Runner, Database], patch: pytest.MonkeyPatch) -> None:
    """Raises AssertionError when nothing is found, or something else than what the mistake has to be known by."""
    histories, finding = PLANTS[plant]

    class Judged(histories):  # type: ignore[valid-type, misc]
        """Histories of this test's own."""

    Judged.polls, Judged.reach = Counter(), Counter()
    Judged.runner, Judged.database = place
    plant(patch)
    with pytest.raises((AssertionError, StorageError, FlakyFailure)) as found:
        explore_rows(Judged, FIRST_SEEDS.get(plant))
    words = "\n".join(told(found.value))
    assert re.search(finding, words), words


def told(failure: BaseException) -> Iterator[str]:
    """What was found; a history that fails at one moment and not at another tells so, with what it found within."""
    if isinstance(failure, BaseExceptionGroup):
        for inner in failure.exceptions:
            yield from told(inner)
    else:
        yield str(failure)


def explore_rows(histories: type[Histories], first: int | None) -> None:
    """What a history meets depends on the moment too: one row of them may miss what another finds."""
    if first is not None:
        explore(histories, first, examples=FIRST, phases=[Phase.generate])
    for seed in SEEDS:
        explore(histories, seed, examples=SOON, phases=[Phase.generate])
