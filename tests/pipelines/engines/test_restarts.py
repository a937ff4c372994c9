from pipelines.engines.restarts import RestartRules, Restarts


def test_the_first_restart_is_immediate_and_the_next_ones_wait_longer_and_longer() -> None:
    restarts = Restarts(RestartRules(first_delay_s=0.1, longest_delay_s=1.0))
    assert [restarts.delay_s(lived_s=0.0) for _ in range(7)] == [0.0, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_a_helper_that_lived_a_while_is_restarted_at_once() -> None:
    restarts = Restarts(RestartRules(settled_after_s=10.0))
    for _ in range(5):
        restarts.delay_s(lived_s=1.0)
    assert restarts.delay_s(lived_s=11.0) == 0.0
