import asyncio

from simulators.clock import GRID_S, Clock


async def test_waits_never_end_early():
    clock = Clock()
    ended = []

    async def wait(delay_s):
        due = clock.now() + delay_s
        await clock.sleep_until(due)
        ended.append(clock.now() - due)

    await asyncio.gather(*(wait(0.0137 + n * 0.0003) for n in range(40)))
    assert len(ended) == 40
    assert min(ended) >= -1e-4


async def test_what_is_due_together_shares_a_timer(monkeypatch):
    clock = Clock()
    timers = []
    loop = asyncio.get_running_loop()
    call_at = loop.call_at
    monkeypatch.setattr(loop, "call_at", lambda when, *args: timers.append(when) or call_at(when, *args))
    due = (int(clock.now() / GRID_S) + 10) * GRID_S
    await asyncio.gather(*(clock.sleep_until(due - n * GRID_S / 100) for n in range(50)))
    assert len(timers) == 1


async def test_the_past_is_over_at_once():
    clock = Clock()
    await asyncio.wait_for(clock.sleep_until(clock.now() - 1), 1)


async def test_a_cancelled_wait_leaves_the_others_alone():
    clock = Clock()
    due = clock.now() + 0.03
    first, second = (asyncio.create_task(clock.sleep_until(due)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait_for(second, 5)
    assert first.cancelled()
