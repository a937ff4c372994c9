"""What a write-behind log tells of itself: its counters, and what its rows are called in the process's own log."""

from msgspec import Struct
from prometheus_client import Counter, Gauge, Histogram

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class LogFigures(Struct, frozen=True):
    """``what`` completes "rows of ...". ``refused`` counts lost rows by reason, ``failures`` by code; ``seconds`` has
    the steps ``write`` (one commit) and ``force`` (to the disk)."""

    what: str
    refused: Counter
    held: Gauge
    written: Counter
    failures: Counter
    seconds: Histogram


def log_figures(prefix: str, what: str) -> LogFigures:
    """Each prefix once a process: the counters are registered under ``sales_agent_<prefix>_...``."""
    name = f"sales_agent_{prefix}"
    return LogFigures(
        what=what,
        refused=Counter(f"{name}_rows_refused_total", f"Rows of {what} lost, by reason.", ["reason"]),
        held=Gauge(f"{name}_rows_held", f"Rows of {what} not on the disk yet.", multiprocess_mode="livesum"),
        written=Counter(f"{name}_rows_written_total", f"Rows of {what} written."),
        failures=Counter(f"{name}_failures_total", f"Failures to make {what} durable, by code.", ["code"]),
        seconds=Histogram(
            f"{name}_seconds",
            f"Time of one commit of {what} (write) and of forcing it to the disk (force).",
            ["step"],
            buckets=_BUCKETS,
        ),
    )


CONVERSATIONS = log_figures("log", "conversations")
TRACKING = log_figures("tracking", "the ledger")
