"""Whatever both sides do, and whatever fails in between: once the faults stop, both sides come to be equal, nothing is
lost, nothing is written twice, and every contradiction is flagged.

``SYNC_HISTORIES`` sets how many histories are tried, by this file and its three neighbours, with one kind of
trouble each; ``SYNC_SEED`` which, ``random`` draws others. The seed is printed.
"""

import pytest
from sync_histories import tell
from sync_troubles import Everything


@pytest.mark.timeout(3600)
def test_both_sides_converge_through_everything(postgres: str, capsys: pytest.CaptureFixture[str]) -> None:
    tell(Everything, postgres, capsys)
