"""Both sides come to be equal whatever became of webhook deliveries: see ``sync_histories``."""

import pytest
from sync_histories import tell
from sync_troubles import Webhooks


@pytest.mark.timeout(3600)
def test_both_sides_converge_through_webhooks(postgres: str, capsys: pytest.CaptureFixture[str]) -> None:
    tell(Webhooks, postgres, capsys)
