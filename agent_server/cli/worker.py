"""``sales-agent worker``: the background work alone."""

from typing import TYPE_CHECKING

from agent_server.cli.database import DataDir

if TYPE_CHECKING:
    from agent_server.settings import Settings


def worker(*, data_dir: DataDir = None) -> None:
    """Sync, outbox and schedules, without any door. More of them, on more machines, share the work.

    SIGTERM or Ctrl-C lets the work at hand come to an end; a second one ends it at once.
    """
    import uvloop

    from agent_server.logging import configure_logging
    from agent_server.settings import load_settings

    settings = load_settings({} if data_dir is None else {"DATA_DIR": str(data_dir)})
    configure_logging(settings.process.log_level, settings.process.log_format)
    uvloop.run(_work(settings))


async def _work(settings: "Settings") -> None:
    import logging

    from agent_server.cli.stop_signal import stop_signal
    from agent_server.worker import run_worker

    log = logging.getLogger(__name__)
    for warning in settings.warnings:
        log.warning(warning)
    with stop_signal() as stop:
        await run_worker(settings, stop)
