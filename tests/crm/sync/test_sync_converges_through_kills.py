"""Both sides come to be equal wherever our process ended: see ``sync_histories``."""

import pytest
from sync_histories import tell
from sync_troubles import Kills


@pytest.mark.timeout(3600)
def test_both_sides_converge_through_kills(postgres: str, capsys: pytest.CaptureFixture[str]) -> None:
    tell(Kills, postgres, capsys)
