"""A process that is busy for seconds takes nobody more until there is room again."""

from agent_server.capacity.load import CALL_SHARE, LEAST_SHARE, YOUNG_S, Load

NOW_S = 1000.0


def after(load: Load, busy: float, seconds: float, late_s: float = 0.0, *, talking: int = 0) -> bool:
    for _ in range(round(seconds / 0.5)):
        load.worked(busy * 0.5, 0.5, late_s, talking=talking)
    return load.is_full(NOW_S)


def taken_at_once(load: Load) -> int:
    taken = 0
    while not load.is_full(NOW_S) and taken < 1000:
        load.took_on(NOW_S)
        taken += 1
    return taken


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


def test_who_has_the_core_taken_away_is_full_though_it_works_little() -> None:
    load = Load(0.8)
    assert not after(load, 0.3, 60.0, late_s=0.015)
    assert not after(load, 0.3, 2.0, late_s=0.4), "a stall"
    assert after(load, 0.3, 5.0, late_s=0.03)
    assert not after(load, 0.3, 5.0)


def test_who_was_late_takes_nobody_more_before_it_is_clearly_in_time() -> None:
    load = Load(0.8)
    assert after(load, 0.3, 60.0, late_s=0.03)
    while load.late > 0.5:
        assert after(load, 0.3, 0.5)
    assert load.late > 0.4
    assert load.is_full(NOW_S)
    assert not after(load, 0.3, 1.0)


def test_a_rush_is_refused_before_it_is_felt() -> None:
    load = Load(0.8)
    assert not after(load, 0.4, 60.0)
    assert taken_at_once(load) == int(0.4 / CALL_SHARE) + 1
    assert load.is_full(NOW_S + 0.1 * YOUNG_S), "one more only when there is room for some"
    assert not load.is_full(NOW_S + YOUNG_S / 2), "by then half of it is in what is measured, and that did not grow"


def test_of_a_rush_more_are_taken_where_those_that_run_take_little() -> None:
    load = Load(0.8)
    assert not after(load, 0.4, 60.0, talking=40)  # a hundredth each, where 0.016 was expected
    assert taken_at_once(load) == int(0.4 / ((0.4 + 10 * CALL_SHARE) / 50)) + 1


def test_typed_conversations_do_not_tell_what_spoken_ones_take() -> None:
    load = Load(0.8)
    assert not after(load, 0.1, 60.0, talking=500)
    assert taken_at_once(load) <= 0.7 / LEAST_SHARE + 1


def test_those_that_run_and_take_much_change_nothing_for_the_next() -> None:
    load = Load(0.8)
    assert not after(load, 0.4, 60.0, talking=4)
    assert taken_at_once(load) == int(0.4 / CALL_SHARE) + 1, "it is in what is measured before the next are taken"


def test_it_can_be_switched_off() -> None:
    load = Load(1.0)
    for _ in range(1000):
        load.took_on(NOW_S)
    assert not after(load, 1.0, 60.0, late_s=1.0)
    assert load.busy > 0.99


def test_no_time_is_no_work() -> None:
    load = Load(0.8)
    load.worked(0.0, 0.0, 1.0)
    assert load.busy == load.late == 0.0


def test_a_line_that_is_kept_weighs_as_much_as_a_conversation_that_begins() -> None:
    load = Load(0.8)
    assert not after(load, 0.79, 60.0)
    assert load.is_full(NOW_S, kept=1)
