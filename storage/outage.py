"""An outage of the database as work beside the calls meets it: waited out, and told once, however often it is tried."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from storage.errors import StorageError


class Outage:
    """``what``: what does not happen meanwhile, in the words of a log."""

    def __init__(self, log: logging.Logger, what: str) -> None:
        self._log = log
        self._what = what
        self._is_told = False

    @contextmanager
    def waited_out(self) -> Iterator[None]:
        """A StorageError ends the block, and nothing else. One that ends without is the end of the outage."""
        try:
            yield
        except StorageError as error:
            if not self._is_told:
                self._log.warning("%s: %s", self._what, error.code)
            self._is_told = True
        else:
            self._is_told = False
