"""A mistake that shows only when Close fails is found by the histories (see ``sync_histories``), soon."""

import asyncio

import pytest
from sync_judged import find, plants_in
from sync_planted import Plant
from sync_troubles import Faults

from storage.postgres.database import Database


@pytest.mark.timeout(600)
@pytest.mark.parametrize("plant", plants_in(Faults), ids=lambda plant: plant.__name__)
def test_a_planted_mistake_is_found_under_faults(
    plant: Plant, history_place: tuple[asyncio.Runner, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    find(plant, history_place, monkeypatch)
