from pipelines.conversation.ladder import COOL_DOWN_MS, Ladder


def test_a_rung_that_failed_is_left_out_for_a_while_and_the_last_is_always_there() -> None:
    ladder = Ladder()
    ladder.failed(0, 1000.0)
    over_ms = 1000.0 + COOL_DOWN_MS
    assert [ladder.first_rung(3, now_ms) for now_ms in (1000.0, over_ms - 1.0, over_ms)] == [1, 1, 0]
    ladder.failed(1, 2000.0)
    assert [ladder.first_rung(3, now_ms) for now_ms in (2000.0, over_ms)] == [2, 0]
    ladder.failed(2, 2000.0)
    assert ladder.first_rung(3, 2000.0) == 2
