"""The recogniser behind the one in the cloud: started once, when it is wanted or before."""

import asyncio

from eventually import eventually
from scripted_engines import FakeRecognizer

from pipelines.stt.on_demand import OnDemandRecognizer
from pipelines.stt.port import SttError, SttOptions


def on_demand(start, **options):
    english = frozenset({"en"})
    return OnDemandRecognizer(
        start, name="spare", sample_rate=16_000, languages=english, continuous=False, guesses=True, **options
    )


async def test_nobody_who_wants_it_waits_once_it_was_started_ahead():
    starts = []

    async def start():
        starts.append(1)
        return FakeRecognizer([""])

    spare = on_demand(start, warm_after_s=0.01)
    assert not starts
    await eventually(lambda: len(starts) == 1)
    await spare.open(SttOptions())
    assert len(starts) == 1
    await spare.aclose()


async def test_it_may_be_wanted_earlier_and_is_started_once():
    starts = []

    async def start():
        starts.append(1)
        await asyncio.sleep(0.05)
        return FakeRecognizer([""])

    spare = on_demand(start, warm_after_s=0.02)
    await spare.open(SttOptions())
    await asyncio.sleep(0.05)
    assert len(starts) == 1
    await spare.aclose()


async def test_closed_before_its_time_it_is_not_started():
    starts = []

    async def start():
        starts.append(1)
        return FakeRecognizer([""])

    spare = on_demand(start, warm_after_s=0.01)
    await spare.aclose()
    await asyncio.sleep(0.05)
    assert not starts


async def test_a_start_ahead_that_fails_is_tried_again_when_it_is_wanted():
    starts = []

    async def start():
        starts.append(1)
        if len(starts) == 1:
            raise SttError("stt_engine_start_failed", "no memory", retryable=False)
        return FakeRecognizer([""])

    spare = on_demand(start, warm_after_s=0.0)
    await eventually(lambda: len(starts) == 1)
    await spare.open(SttOptions())
    assert len(starts) == 2
    await spare.aclose()
