"""What commands have in common that work beside the server until they are stopped."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from agent_server.settings import Settings

    Work = Callable[[Settings, asyncio.Event], Awaitable[None]]


def run_until_stopped(load: "Callable[[], Work]", data_dir: Path | None) -> None:
    """Do the work until SIGTERM or Ctrl-C, which it is told of; a second one ends it at once. ``load`` brings it once
    the settings are known to be right. Raises SettingsError, and what the work raises."""
    import uvloop

    from agent_server.settings import load_settings
    from agent_server.telemetry.logging import configure_logging

    settings = load_settings({} if data_dir is None else {"DATA_DIR": str(data_dir)})
    configure_logging(settings.process.log_level, settings.process.log_format)
    uvloop.run(_until_stopped(load(), settings))


async def _until_stopped(work: "Work", settings: "Settings") -> None:
    import logging

    from agent_server.cli.stop_signal import stop_signal

    log = logging.getLogger(__name__)
    for warning in settings.warnings:
        log.warning(warning)
    with stop_signal() as stop:
        await work(settings, stop)
