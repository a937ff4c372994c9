"""The ledger's write-behind log: what is tracked of executions and costs, written soon, delaying nobody.

On the pieces of ``storage.log_writer``, which says what a row is safe from, and when. Rows share writes: at most one in
``WRITE_EVERY_S``. Everything here must be called on the event loop's own thread.
"""

import logging
from enum import IntEnum
from types import TracebackType
from typing import Self

from storage.database import Database
from storage.dirty_rows import DirtyRows
from storage.json_codec import encode_json
from storage.log_figures import TRACKING
from storage.log_writer import LogWriter
from storage.named_query import Query, load_queries
from storage.tracking_records import (
    EnrichmentResultRecord,
    ExecutionRecord,
    ModelCallRecord,
    QualificationResultRecord,
    SpeechUsageRecord,
    ToolCallRecord,
    TrackedRecord,
    WorkflowStateRecord,
)

WRITE_EVERY_S = 0.1

logger = logging.getLogger(__name__)


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


class TrackingLog:
    """Implements ``storage.tracking_records.Tracker``. One per process, on any pool: it takes a connection for the
    moment of a write.

    ``max_rows`` and ``max_bytes`` bound what an outage of the database may pile up; past either, rows are refused,
    counted and said in the process's log.
    """

    def __init__(self, database: Database, *, max_rows: int = 100_000, max_bytes: int = 64 * 1024 * 1024) -> None:
        self._dirty = DirtyRows(max_rows=max_rows, max_bytes=max_bytes, essential=())
        self._writer = LogWriter(database, self._dirty, _QUERY_OF, TRACKING, progress_pause_s=WRITE_EVERY_S)
        self._losing = False
        self._closed = False

    def start(self) -> None:
        """Start writing, on the running loop. What was recorded before is written first."""
        self._writer.start()

    def record(self, row: TrackedRecord) -> None:
        """See ``Tracker``. Encodes now: what is written is the state of this moment."""
        if self._closed:
            TRACKING.refused.labels("closed").inc()
            return
        kind, row_id = _identity(row)
        try:
            encoded = encode_json(row)
        except Exception as error:  # a row without a JSON form must not end the work it tells of
            TRACKING.refused.labels("unencodable").inc()
            logger.error("lost a row of the ledger (%s): %s", kind.name.lower(), type(error).__name__)
            return
        was_idle = not self._dirty.dirty
        accepted = self._dirty.put(kind, "", row_id, encoded, progress=True)
        if not accepted:
            TRACKING.refused.labels("full").inc()
            if not self._losing:
                logger.error("rows of the ledger are being lost: %d are held already", self._dirty.held)
        self._losing = not accepted or (self._losing and self._dirty.full)
        if was_idle:
            self._writer.wake()

    async def flush(self, timeout_s: float) -> bool:
        """Wait until all that was recorded so far is on the disk (or refused by the database).

        False: it was not within ``timeout_s``; it is kept and still being tried.
        """
        return await self._writer.durable(None, timeout_s)

    @property
    def healthy(self) -> bool:
        """False while writing fails or hangs, or there is no room."""
        return self._writer.healthy and not self._dirty.full

    @property
    def held_rows(self) -> int:
        """How many rows are not on the disk yet."""
        return self._dirty.held

    async def aclose(self, timeout_s: float = 5.0) -> bool:
        """Write what is left, then stop; nothing is taken any more. False: rows were left unwritten."""
        self._closed = True
        try:
            return await self._writer.durable(None, timeout_s)
        finally:
            await self._writer.stop()
            if self._dirty.held:
                TRACKING.refused.labels("unwritten").inc(self._dirty.held)
                logger.error("%d rows of the ledger were not written before the end", self._dirty.held)

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.aclose()


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
