"""Both sides come to be equal after whatever Close did: see ``sync_histories``."""

import pytest
from sync_histories import tell
from sync_troubles import Faults


@pytest.mark.timeout(3600)
def test_both_sides_converge_through_faults(postgres: str, capsys: pytest.CaptureFixture[str]) -> None:
    tell(Faults, postgres, capsys)
