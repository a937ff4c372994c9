"""SIGTERM and SIGINT as an event of the loop."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stop_signal() -> Iterator[asyncio.Event]:
    """An event that is set by the first of either signal. A second one ends the process at once, as if uncaught."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def first() -> None:
        stop.set()
        for each in STOP_SIGNALS:
            loop.remove_signal_handler(each)

    for each in STOP_SIGNALS:
        loop.add_signal_handler(each, first)
    try:
        yield stop
    finally:
        for each in STOP_SIGNALS:
            loop.remove_signal_handler(each)
