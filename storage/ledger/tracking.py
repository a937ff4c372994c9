"""The ledger's write-behind log: what is tracked of executions and costs, written soon, delaying nobody.

On the pieces of ``storage.log.writer``, which says what a row is safe from, and when. Rows share writes: at most one in
``WRITE_EVERY_S``.
"""

from enum import IntEnum

from storage.ledger.records import (
    EnrichmentResultRecord,
    ExecutionRecord,
    ModelCallRecord,
    QualificationResultRecord,
    SpeechUsageRecord,
    ToolCallRecord,
    TrackedRecord,
    WorkflowStateRecord,
)
from storage.log.dirty_rows import DirtyRows
from storage.log.figures import TRACKING
from storage.log.write_behind import WriteBehindLog
from storage.log.writer import LogWriter
from storage.postgres.database import Database
from storage.postgres.json_codec import encode_json
from storage.postgres.named_query import Query, load_queries

WRITE_EVERY_S = 0.1


class TrackedKind(IntEnum):
    """In the order in which one transaction must write them: executions before their results, and what locks leads
    before what locks their costs."""

    EXECUTION = 0
    QUALIFICATION_RESULT = 1
    ENRICHMENT_RESULT = 2
    WORKFLOW_STATE = 3
    TOOL_CALL = 4
    MODEL_CALL = 5
    SPEECH_USAGE = 6


_QUERIES = load_queries("storage.queries", "tracking.sql")
_QUERY_OF: dict[IntEnum, Query] = {
    TrackedKind.EXECUTION: _QUERIES["track_executions"],
    TrackedKind.QUALIFICATION_RESULT: _QUERIES["track_qualification_results"],
    TrackedKind.ENRICHMENT_RESULT: _QUERIES["track_enrichment_results"],
    TrackedKind.WORKFLOW_STATE: _QUERIES["track_workflow_state"],
    TrackedKind.TOOL_CALL: _QUERIES["track_tool_calls"],
    TrackedKind.MODEL_CALL: _QUERIES["track_model_calls"],
    TrackedKind.SPEECH_USAGE: _QUERIES["track_speech_usage"],
}


class TrackingLog(WriteBehindLog):
    """Implements ``storage.ledger.records.Tracker``. One per process, on any pool: it takes a connection for the
    moment of a write.

    ``max_rows`` and ``max_bytes`` bound what an outage of the database may pile up; past either, rows are refused,
    counted and said in the process's log.
    """

    def __init__(self, database: Database, *, max_rows: int = 100_000, max_bytes: int = 64 * 1024 * 1024) -> None:
        dirty = DirtyRows(max_rows=max_rows, max_bytes=max_bytes, essential=())
        super().__init__(LogWriter(database, dirty, _QUERY_OF, TRACKING, progress_pause_s=WRITE_EVERY_S))

    def record(self, row: TrackedRecord) -> None:
        """See ``Tracker``."""
        kind, row_id = _identity(row)
        self._take(kind, "", row_id, lambda: encode_json(row), progress=True)

    async def flush(self, timeout_s: float) -> bool:
        """Wait until all that was recorded so far is on the disk (or refused by the database).

        False: it was not within ``timeout_s``; it is kept and still being tried.
        """
        return await self._writer.durable(None, timeout_s)


def _identity(row: TrackedRecord) -> tuple[TrackedKind, str]:
    match row:
        case ModelCallRecord():
            return TrackedKind.MODEL_CALL, row.id
        case ToolCallRecord():
            return TrackedKind.TOOL_CALL, row.id
        case ExecutionRecord():
            return TrackedKind.EXECUTION, row.id
        case SpeechUsageRecord():
            return TrackedKind.SPEECH_USAGE, row.id
        case QualificationResultRecord():
            return TrackedKind.QUALIFICATION_RESULT, row.execution_id
        case EnrichmentResultRecord():
            return TrackedKind.ENRICHMENT_RESULT, row.execution_id
        case WorkflowStateRecord():
            return TrackedKind.WORKFLOW_STATE, row.thread_id
