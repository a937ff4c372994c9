import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.cli.workers.shares import conversation_shares
from agent_server.settings import ProcessSettings, SettingsError


@given(st.integers(1, 64), st.integers(1, 10_000))
def test_the_whole_is_given_out_evenly(workers: int, total: int) -> None:
    process = ProcessSettings(max_conversations=total)
    if total < workers:
        with pytest.raises(SettingsError):
            conversation_shares(process, workers)
        return
    shares = conversation_shares(process, workers)
    assert len(shares) == workers
    assert sum(shares) == total
    assert max(shares) - min(shares) <= 1


def test_without_a_limit_each_has_its_own_default() -> None:
    assert conversation_shares(ProcessSettings(), 3) == [None, None, None]
