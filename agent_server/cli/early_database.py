"""Starts the embedded database while the server's code is still being loaded: half a second earlier ready."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from agent_server.settings import ProcessSettings
from storage.errors import EmbeddedDatabaseError
from storage.postgres.embedded import EmbeddedPostgres


@contextmanager
def early_database(process: ProcessSettings) -> Iterator[None]:
    """Begins to start it, in a thread, and lets go of it at the end of the block.

    What goes wrong is not told here: whoever starts the database in earnest meets it again.
    """
    if process.database_url is not None:
        yield
        return
    embedded = EmbeddedPostgres(process.embedded_database)
    starting = threading.Thread(target=_start, args=(embedded,), name="early database", daemon=True)
    starting.start()
    try:
        yield
    finally:
        starting.join()
        with suppress(EmbeddedDatabaseError):
            asyncio.run(embedded.aclose())


def _start(embedded: EmbeddedPostgres) -> None:
    with suppress(EmbeddedDatabaseError):
        asyncio.run(embedded.start())
