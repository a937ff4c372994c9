"""Work beside the calls waits an outage out, and tells of it once."""

import logging

import pytest

from storage.errors import StorageError
from storage.outage import Outage

log = logging.getLogger(__name__)


def test_an_outage_is_told_once_and_the_next_one_again(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage(log, "webhooks wait")
    for works in (False, False, True, False):
        with outage.waited_out():
            if not works:
                raise StorageError("database_unavailable", "There is no connection to the database.")
    assert caplog.messages == ["webhooks wait: database_unavailable"] * 2


def test_what_is_no_outage_is_raised(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(KeyError), Outage(log, "webhooks wait").waited_out():
        raise KeyError
    assert not caplog.messages
