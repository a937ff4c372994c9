"""Runs the agents: for the REST API, and as tools of a conversation."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from pipelines.agents.definition import AgentDefinition, LeadInput, merged
from pipelines.agents.errors import AgentError
from pipelines.agents.events import AgentEvent
from pipelines.agents.graph_run import Course, cancelled, carry_out, completed
from pipelines.agents.graphs import Graphs, OpenCheckpointer
from pipelines.agents.lead import LeadFacts
from pipelines.agents.ledger import NOBODY, Ledger, Whom, whom
from pipelines.agents.parts import AgentParts
from pipelines.agents.qualification.agent import QUALIFICATION, Qualified, QuickQualification
from pipelines.agents.registry import AGENTS
from pipelines.agents.replies import AgentReply, Question, ThreadState
from pipelines.agents.requests import Asked, checked_input, definition_of
from pipelines.agents.run import AgentRun, Emit
from pipelines.agents.threads import config_of, resumption
from pipelines.agents.upkeep import keep_runs
from pipelines.llm.gateway.port import Attribution
from storage.agents.runs import AgentRuns, RunClaim
from storage.errors import StorageError
from storage.keys.secret_tokens import new_id

log = logging.getLogger(__name__)

CANCEL_WAIT_S = 5.0
MOST_RUNS = 200
"""Runs at a time in one process; more are refused and may come back."""


class Agents:
    """Shared by everything in a process. ``start`` begins its upkeep, ``aclose`` ends it."""

    def __init__(self, parts: AgentParts, runs: AgentRuns, open_checkpointer: OpenCheckpointer) -> None:
        self._parts = parts
        self._runs = runs
        self._graphs = Graphs(parts, open_checkpointer)
        self._ledger = Ledger(parts.tracker, parts.now)
        self._holder = new_id("process")
        self._qualification = QuickQualification()
        self._under_way = 0
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._upkeep: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._upkeep = asyncio.create_task(
            keep_runs(self._runs, self._holder, self._ledger, cancel=self._cancel_here), name="agent runs"
        )

    async def aclose(self) -> None:
        if self._upkeep is not None:
            self._upkeep.cancel()
            await asyncio.wait([self._upkeep])

    async def warm(self) -> None:
        """Load every graph, so that nobody waits for it."""
        await self._graphs.load(AGENTS.values())

    async def invoke(
        self,
        agent: str,
        given: Mapping[str, Any],
        *,
        thread_id: str | None = None,
        conversation_id: str | None = None,
    ) -> AgentReply:
        """Run an agent on its input (``{"lead": {...}}`` or ``{"lead_id": ...}``). Raises AgentError, StorageError."""
        return await self.run(Asked(agent=agent, input=given, thread_id=thread_id, conversation_id=conversation_id))

    async def qualify(
        self,
        lead: LeadFacts,
        *,
        lead_id: UUID | None = None,
        conversation_id: str | None = None,
        deadline_s: float | None = None,
    ) -> Qualified:
        """Score a lead without a thread: for a conversation in between, or for many leads one after the other.

        Never fails: the rules answer when no model does within ``deadline_s`` (the agent's target when None).
        """
        claim = self._claim_of(QUALIFICATION, new_id("thread"), lead_id, conversation_id)
        run = self._new_run(QUALIFICATION, claim, QUALIFICATION.target_s if deadline_s is None else deadline_s, _silent)
        found = await self._qualification(run, lead)
        reply = completed(run, msgspec.to_builtins(found))
        self._ledger.finished_alone(claim, reply, run.bill)
        return Qualified(
            qualification=found,
            engine=run.engine,
            latency_ms=reply.latency_ms,
            cost_usd=reply.cost_usd,
            execution_id=run.execution_id,
        )

    async def resume(self, agent: str, thread_id: str, answer: Any) -> AgentReply:
        """Give the person's answer to the agent's question; a thread whose process died goes on from its last step.

        Raises AgentError ``thread_not_found``, ``nothing_to_resume``, ``thread_busy``; StorageError.
        """
        return await self.run(Asked(agent=agent, input=answer, thread_id=thread_id, resume=True))

    async def run(self, asked: Asked, emit: Emit | None = None) -> AgentReply:
        """The same, telling what happens. Cancelling it ends the run where it is."""
        if self._under_way >= MOST_RUNS:
            raise AgentError("agents_busy", "Too many agents are at work; try again in a moment.", retryable=True)
        self._under_way += 1
        try:
            return await self._run(asked, emit or _silent)
        finally:
            self._under_way -= 1

    async def _run(self, asked: Asked, emit: Emit) -> AgentReply:
        definition = definition_of(asked.agent)
        thread_id = asked.thread_id or new_id("conv" if definition.is_conversation else "thread")
        begin, lead_id, about = await self._begin(definition, asked)
        conversation_id = thread_id if definition.is_conversation else asked.conversation_id
        claim = self._claim_of(definition, thread_id, lead_id, conversation_id)
        graph = await self._graphs.of(definition)
        await self._claim(claim)
        if (task := asyncio.current_task()) is not None:
            self._tasks[thread_id] = task
        try:
            config = config_of(definition, thread_id, lead_id)
            start = await resumption(graph, config, asked.input) if asked.resume else begin
            self._ledger.started(claim, about)
            emit(AgentEvent("started", {"thread_id": thread_id, "execution_id": claim.execution_id}))
            target_s = definition.target_s if asked.target_s is None else asked.target_s
            run = self._new_run(definition, claim, target_s, emit)
            course = Course(
                start=start,
                config=config,
                durability=definition.durability,
                timeout_s=target_s + definition.grace_s,
            )
            reply = await self._recorded(claim, run, about, carry_out(graph, run, course))
            if reply.status == "completed":
                await self._graphs.forget_steps(thread_id)
        finally:
            self._tasks.pop(thread_id, None)
            await self._release(claim)
        # Told last: whoever hears it may ask the thread again at once.
        emit(AgentEvent("done", msgspec.to_builtins(reply)))
        return reply

    async def _begin(
        self, definition: AgentDefinition, asked: Asked
    ) -> tuple[dict[str, Any] | None, UUID | None, Whom]:
        """The state to begin from (None: the thread has its own), and the lead it is about, ours or given."""
        origin = await self._origin(asked.thread_id) if asked.thread_id is not None else {}
        owner = origin.get("agent", definition.name)
        if owner != definition.name:
            raise AgentError("thread_of_other_agent", f"The thread is one of agent {owner}.", param="thread_id")
        if asked.resume:
            return None, UUID(origin["lead_id"]) if origin.get("lead_id") else None, NOBODY
        given = checked_input(definition, asked.input)
        lead, lead_id = await self._lead(definition, given)
        return definition.begin(given, lead), lead_id, NOBODY if lead_id is not None else whom(lead)

    async def state(self, thread_id: str) -> ThreadState:
        """Raises AgentError ``thread_not_found``, StorageError."""
        origin = await self._origin(thread_id)
        definition = AGENTS.get(origin.get("agent", ""))
        if definition is None:
            run = await self._runs.running(thread_id)
            if run is None:
                raise AgentError("thread_not_found", "There is no such thread.")
            # Its first step is not kept yet.
            return ThreadState(
                thread_id=thread_id, agent=run.agent, status="running", next=(), interrupts=(), values={}
            )
        snapshot = await (await self._graphs.of(definition)).aget_state(config_of(definition, thread_id))
        questions = tuple(Question(found.id, found.value) for found in snapshot.interrupts)
        if await self._runs.running(thread_id) is not None:
            status: Any = "running"
        else:
            status = "interrupted" if questions else "stopped" if snapshot.next else "completed"
        return ThreadState(
            thread_id=thread_id,
            agent=definition.name,
            status=status,
            next=tuple(snapshot.next),
            interrupts=questions,
            values=dict(snapshot.values),
            updated_at=snapshot.created_at,
            lead_id=UUID(origin["lead_id"]) if origin.get("lead_id") else None,
        )

    async def cancel(self, thread_id: str) -> None:
        """End the thread's run, here at once, at another process within ``upkeep.EVERY_S``. Raises AgentError
        ``not_running``, StorageError."""
        if (task := self._tasks.get(thread_id)) is not None:
            task.cancel()
            await asyncio.wait([task], timeout=CANCEL_WAIT_S)
        elif not await self._runs.want_cancelled(thread_id):
            raise AgentError("not_running", "It is not being run, or is over.")

    def _cancel_here(self, thread_id: str) -> None:
        if (task := self._tasks.get(thread_id)) is not None:
            task.cancel()

    async def _origin(self, thread_id: str) -> Mapping[str, Any]:
        """Of a thread: its ``agent`` and its ``lead_id``; empty when there is no such thread."""
        saver = await self._graphs.checkpointer()
        saved = await saver.aget_tuple({"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}})
        return dict(saved.metadata) if saved is not None else {}

    # One run

    async def _lead(self, definition: AgentDefinition, given: Struct) -> tuple[LeadFacts, UUID | None]:
        if not isinstance(given, LeadInput):
            return LeadFacts(), None
        if given.lead_id is None:
            if given.lead is None and definition.needs_lead:
                raise AgentError("invalid_input", "Name a lead: 'lead' or 'lead_id'.", param="input.lead")
            return given.lead or LeadFacts(), None
        if self._parts.leads is None:
            raise AgentError(
                "agent_unavailable", "No leads are kept here; give the lead itself.", param="input.lead_id"
            )
        kept = await self._parts.leads.facts_of(given.lead_id)
        if kept is None:
            raise AgentError("lead_not_found", "There is no such lead.", param="input.lead_id")
        return merged(given.lead, kept), given.lead_id

    async def _claim(self, claim: RunClaim) -> None:
        claiming = asyncio.create_task(self._runs.claim(claim), name=f"claim {claim.thread_id}")
        try:
            claimed, dead = await asyncio.shield(claiming)
        except asyncio.CancelledError:
            # The claim may have been made all the same, and nobody would give it up.
            await asyncio.wait([claiming])
            if claiming.exception() is None:
                await self._release(claim)
            raise
        for run in dead:
            self._ledger.died(run)
        if not claimed:
            raise AgentError("thread_busy", "The thread is being run; try again when it is done.", retryable=True)

    async def _release(self, claim: RunClaim) -> None:
        """Also while being cancelled: a thread left claimed would be busy until the claim expires."""
        releasing = asyncio.create_task(self._runs.release(claim), name=f"release {claim.thread_id}")
        try:
            await asyncio.shield(releasing)
        except asyncio.CancelledError:
            await asyncio.wait([releasing])
            raise
        except StorageError as error:
            log.warning("a thread stays claimed until its claim expires: %s", error.code)

    async def _recorded(
        self, claim: RunClaim, run: AgentRun, about: Whom, work: Coroutine[Any, Any, AgentReply]
    ) -> AgentReply:
        """Its end is on record however it ends."""
        try:
            reply = await work
        except asyncio.CancelledError:
            self._ledger.finished(claim, cancelled(run), run.bill, about)
            raise
        self._ledger.finished(claim, reply, run.bill, about)
        return reply

    def _claim_of(
        self, definition: AgentDefinition, thread_id: str, lead_id: UUID | None, conversation_id: str | None
    ) -> RunClaim:
        return RunClaim(
            thread_id=thread_id,
            execution_id=new_id("exec"),
            agent=definition.name,
            lead_id=lead_id,
            conversation_id=conversation_id,
            holder=self._holder,
            started_at=self._parts.now(),
        )

    def _new_run(self, definition: AgentDefinition, claim: RunClaim, deadline_s: float, emit: Emit) -> AgentRun:
        return AgentRun(
            agent=definition.name,
            execution_id=claim.execution_id,
            thread_id=claim.thread_id,
            whose=Attribution(claim.conversation_id, claim.lead_id, claim.execution_id),
            gateway=self._parts.gateway,
            deadline_s=deadline_s,
            emit=emit,
        )


def _silent(_event: AgentEvent) -> None:
    pass
