"""``sales-agent livekit``: takes the calls that LiveKit gives out."""

from typing import TYPE_CHECKING

from agent_server.cli.database import DataDir

if TYPE_CHECKING:
    from agent_server.settings import Settings


def livekit(*, data_dir: DataDir = None) -> None:
    """Talk in the rooms that LiveKit dispatches: web calls, and telephone calls by its SIP service.

    As many workers as there are machines share them. SIGTERM or Ctrl-C lets running conversations finish for
    DRAIN_SECONDS and hands the others on; a second one ends it at once.
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
    from agent_server.livekit.run import run_livekit

    log = logging.getLogger(__name__)
    for warning in settings.warnings:
        log.warning(warning)
    with stop_signal() as stop:
        await run_livekit(settings, stop)
