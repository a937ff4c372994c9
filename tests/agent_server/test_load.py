"""A process that is busy for seconds takes nobody more until there is room again."""

from agent_server.load import Load


def after(load: Load, busy: float, seconds: float) -> bool:
    for _ in range(round(seconds / 0.5)):
        load.worked(busy * 0.5, 0.5)
    return load.is_full


def test_a_burst_is_no_load() -> None:
    load = Load(0.8)
    assert not after(load, 1.0, 3.0)
    assert not after(load, 0.2, 3.0)


def test_a_loop_that_is_busy_for_long_is_full_until_there_is_room_again() -> None:
    load = Load(0.8)
    assert not after(load, 0.79, 60.0)
    assert after(load, 0.9, 10.0)
    assert after(load, 0.72, 60.0), "as busy as before, but for those who left"
    assert not after(load, 0.6, 60.0)
    assert not after(load, 0.79, 60.0)


def test_it_can_be_switched_off() -> None:
    load = Load(1.0)
    assert not after(load, 1.0, 60.0)
    assert load.busy > 0.99


def test_no_time_is_no_work() -> None:
    load = Load(0.8)
    load.worked(0.0, 0.0)
    assert load.busy == 0.0
