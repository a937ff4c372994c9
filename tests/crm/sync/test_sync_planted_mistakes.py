"""A mistake planted in the sync is found by the histories (see ``sync_histories``), soon."""

import asyncio

import pytest
from sync_histories import Histories
from sync_judged import find, plants_in
from sync_planted import Plant
from sync_troubles import Kills

from storage.postgres.database import Database


@pytest.mark.timeout(600)
@pytest.mark.parametrize("plant", plants_in(Histories, Kills), ids=lambda plant: plant.__name__)
def test_a_planted_mistake_is_found(
    plant: Plant, history_place: tuple[asyncio.Runner, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    find(plant, history_place, monkeypatch)
