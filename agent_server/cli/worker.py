"""``sales-agent worker``: the background work alone."""

from typing import TYPE_CHECKING

from agent_server.cli.database import DataDir
from agent_server.cli.until_stopped import run_until_stopped

if TYPE_CHECKING:
    from agent_server.cli.until_stopped import Work


def worker(*, data_dir: DataDir = None) -> None:
    """Sync, outbox and schedules, without any door. More of them, on more machines, share the work.

    SIGTERM or Ctrl-C lets the work at hand come to an end; a second one ends it at once.
    """
    run_until_stopped(_work, data_dir)


def _work() -> "Work":
    from agent_server.crm_sync.worker import run_worker

    return run_worker
