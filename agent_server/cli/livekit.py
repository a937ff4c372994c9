"""``sales-agent livekit``: takes the calls that LiveKit gives out."""

from typing import TYPE_CHECKING

from agent_server.cli.database import DataDir
from agent_server.cli.until_stopped import run_until_stopped

if TYPE_CHECKING:
    from agent_server.cli.until_stopped import Work


def livekit(*, data_dir: DataDir = None) -> None:
    """Talk in the rooms that LiveKit dispatches: web calls, and telephone calls by its SIP service.

    As many workers as there are machines share them. SIGTERM or Ctrl-C lets running conversations finish for
    DRAIN_SECONDS and hands the others on; a second one ends it at once.
    """
    run_until_stopped(_work, data_dir)


def _work() -> "Work":
    from agent_server.livekit.run import run_livekit

    return run_livekit
