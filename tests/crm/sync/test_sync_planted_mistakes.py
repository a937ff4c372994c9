"""Whoever judges is judged: a mistake planted in the sync is found by the histories (see ``sync_histories``), soon."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import Phase
from hypothesis.errors import FlakyFailure
from sync_histories import Histories, explore, history_database
from sync_planted import PLANTS, Plant

from storage.database import Database
from storage.errors import StorageError

SOON = 300
"""Histories a seed. Most mistakes are found within 50."""

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def place(postgres: str) -> Iterator[tuple[asyncio.Runner, Database]]:
    with history_database(postgres) as place:
        yield place


@pytest.mark.timeout(600)
@pytest.mark.parametrize("plant", PLANTS, ids=[plant.__name__ for plant in PLANTS])
def test_a_planted_mistake_is_found(
    plant: Plant, place: tuple[asyncio.Runner, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    histories, finding = PLANTS[plant]

    class Judged(histories):  # type: ignore[valid-type, misc]
        """Histories of this test's own."""

    Judged.polls, Judged.reach = Counter(), Counter()
    Judged.runner, Judged.database = place
    plant(monkeypatch)
    with pytest.raises((AssertionError, StorageError, FlakyFailure)) as found:
        explore_rows(Judged)
    assert re.search(finding, "\n".join(told(found.value)))


def told(failure: BaseException) -> Iterator[str]:
    """What was found; a history that fails at one moment and not at another tells so, with what it found within."""
    if isinstance(failure, BaseExceptionGroup):
        for inner in failure.exceptions:
            yield from told(inner)
    else:
        yield str(failure)


def explore_rows(histories: type[Histories]) -> None:
    """What a history meets depends on the moment too: one row of them may miss what another finds."""
    for seed in SEEDS:
        explore(histories, seed, examples=SOON, phases=[Phase.generate])
