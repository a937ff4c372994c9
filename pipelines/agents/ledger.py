"""What a run leaves in the ledger: its execution, where its thread stands, and the agent's result."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, structs

from pipelines.agents.lead import LeadFacts
from pipelines.agents.replies import AgentReply
from pipelines.bill import Bill
from storage import email_address, phone_number
from storage.agents.runs import RunClaim
from storage.ledger.records import (
    EnrichmentResultRecord,
    ExecutionRecord,
    QualificationResultRecord,
    Tracker,
    WorkflowStateRecord,
)

WorkflowStatus = Literal["pending", "running", "completed", "failed"]
_WORKFLOW: dict[str, WorkflowStatus] = {"completed": "completed", "interrupted": "pending", "failed": "failed"}
"""A thread that waits for a person is pending."""


class Whom(Struct, frozen=True):
    """Whom a run is about that is no lead of ours, in one spelling: by this they are found to be erased."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


NOBODY = Whom()


def whom(lead: LeadFacts) -> Whom:
    email, phone = email_address.normalised(lead.contact_email), phone_number.normalised(lead.contact_phone)
    return Whom((email,) if email else (), (phone,) if phone else ())


class Ledger(Struct, frozen=True):
    """Writes behind; costs a run nothing."""

    tracker: Tracker
    now: Callable[[], datetime]

    def started(self, run: RunClaim, about: Whom = NOBODY) -> None:
        self.tracker.record(self._execution(run, thread_id=run.thread_id, status="running"))
        self._thread(run, "running", {}, about)

    def finished(self, run: RunClaim, reply: AgentReply, bill: Bill, about: Whom = NOBODY) -> None:
        """Once more when the ``bill`` is settled, should a request outlast the run."""
        self._ended(run, reply, bill, thread_id=run.thread_id)
        self._thread(run, _WORKFLOW[reply.status], {"questions": len(reply.interrupts)}, about)

    def finished_alone(self, run: RunClaim, reply: AgentReply, bill: Bill) -> None:
        """Of a run that had no thread."""
        self._ended(run, reply, bill, thread_id=None)

    def _ended(self, run: RunClaim, reply: AgentReply, bill: Bill, *, thread_id: str | None) -> None:
        error = reply.error or None
        ended = self._execution(
            run,
            thread_id=thread_id,
            status="failed" if reply.status == "failed" else "success",
            engine=reply.engine,
            completed_at=self.now(),
            latency_ms=reply.latency_ms,
            cost_usd=reply.cost_usd,
            error_code=error.code if error else None,
            error_message=error.message if error else None,
        )
        self.tracker.record(ended)
        bill.when_settled(lambda: self.tracker.record(structs.replace(ended, cost_usd=bill.cost_usd)))
        if reply.status == "completed" and reply.output is not None:
            self._result(run, reply.output, reply.engine)

    def died(self, run: RunClaim) -> None:
        """Its process was never heard of again."""
        self.tracker.record(
            self._execution(
                run,
                thread_id=run.thread_id,
                status="failed",
                completed_at=self.now(),
                error_code="process_died",
                error_message="The process that ran it ended. The thread can be resumed.",
            )
        )
        self._thread(run, "failed", {})

    def _execution(self, run: RunClaim, **values: Any) -> ExecutionRecord:
        return ExecutionRecord(
            id=run.execution_id,
            agent_type=run.agent,
            lead_id=run.lead_id,
            conversation_id=run.conversation_id,
            started_at=run.started_at,
            **values,
        )

    def _thread(self, run: RunClaim, status: WorkflowStatus, metadata: dict[str, Any], about: Whom = NOBODY) -> None:
        self.tracker.record(
            WorkflowStateRecord(
                thread_id=run.thread_id,
                lead_id=run.lead_id,
                current_agent=run.agent,
                status=status,
                metadata={"execution_id": run.execution_id, **metadata},
                emails=about.emails,
                phones=about.phones,
                updated_at=self.now(),
            )
        )

    def _result(self, run: RunClaim, output: dict[str, Any], engine: str) -> None:
        if run.agent == "qualification":
            self.tracker.record(
                QualificationResultRecord(
                    execution_id=run.execution_id,
                    lead_id=run.lead_id,
                    score=output["score"],
                    tier=output["tier"],
                    reasoning=output["reasoning"],
                    metadata={"criteria": output["criteria"], "missing": output["missing"], "engine": engine},
                    created_at=self.now(),
                )
            )
        elif run.agent == "enrichment":
            self.tracker.record(
                EnrichmentResultRecord(
                    execution_id=run.execution_id,
                    lead_id=run.lead_id,
                    enriched_data=output,
                    source=",".join(output.get("sources", ())),
                    credits=output.get("credits", 0),
                    created_at=self.now(),
                )
            )
