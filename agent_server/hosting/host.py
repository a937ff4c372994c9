"""Runs the conversations of this process, for every door: from what a conversation starts from to its end.

A door brings the ``Line``. Everything else is the same whichever way a caller came.
"""

import asyncio
import contextlib
import logging
import secrets
from typing import Any

import msgspec
from prometheus_client import Counter

from agent_server.hosting.breaking_off import break_off
from agent_server.hosting.line import Line
from agent_server.hosting.live import LiveConversations
from agent_server.hosting.live_insight import LiveInsight
from agent_server.hosting.memory import ConversationMemory, remembered_items
from agent_server.hosting.opening import Opening
from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.session import merged
from agent_server.services import Services
from agent_server.supervising.person_wanted import PersonWanted
from agent_server.supervising.unsaid import unsaid
from pipelines.agent_profile import asked_keys, asks_to_qualify
from pipelines.call_audio.recorder import CallRecorder
from pipelines.call_audio.states import Told
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.rim.ports import Observer
from pipelines.conversation.rim.recording import FORMAT, Header, Recording
from pipelines.conversation.rim.runner import ConversationRunner
from storage.conversations.records import BY_VISITOR, RECORDING_URL, ConversationRecord, ConversationStatus
from storage.errors import StorageError

log = logging.getLogger(__name__)

FLUSH_TIMEOUT_S = 2.0

ENDED = Counter(
    "sales_agent_conversations_ended",
    "Conversations, or parts of those that went on over another line, by how they ended: closed, dropped (the line"
    " broke), failed (a mistake of the server's), moved.",
    ["channel", "status"],
)


class ConversationHost:
    """Keeps track of the conversations that are live in this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._live = LiveConversations()

    async def known(self, opening: Opening) -> Opening | None:
        """The same, where there is such a conversation for them: it is not taken over. Raises StorageError."""
        conversation_id = opening.conversation_id
        await self._services.conversation_log.flush(conversation_id, FLUSH_TIMEOUT_S)
        found = await self._services.conversations.get(conversation_id)
        is_anothers = opening.visitor and found is not None and BY_VISITOR not in found.metadata
        return None if found is None or is_anothers else opening

    async def continued(self, opening: Opening, session: dict[str, Any] | None = None) -> Opening | None:
        """Whoever holds the id continues: it is as hard to guess as a key. But logs, webhooks and CRMs have it as well,
        so without a key only a visitor's goes on. A line that is still open is taken over, be it in another process.
        ``session``: what the client wants of it now, which is in the opening's as well. None: there is no such
        conversation."""
        services, conversation_id, config = self._services, opening.conversation_id, opening.config
        if opening.visitor and await self.known(opening) is None:
            return None
        await services.conversation_log.flush(conversation_id, FLUSH_TIMEOUT_S)
        claim = await services.claims.take(conversation_id)
        await self._live.take_over(conversation_id)
        if claim is not None:
            await services.claims.departure(claim)
        latest = services.conversation_defaults.limits.latest_items
        history = await services.conversations.resume(conversation_id, latest=latest, now=services.utc_now())
        if history is None or claim is None:
            return None
        saved = history.conversation.session
        if saved:
            with contextlib.suppress(ProtocolError):  # saved by an older version: the defaults serve
                config = merged(merged(config, {"type": "realtime", **saved}), session or {"type": "realtime"})
        if session is not None:
            kept = msgspec.to_builtins(config)
            services.conversation_log.session(conversation_id, kept, now=services.utc_now(), fence=claim.fence)
        acts = await services.supervision.acts.of_conversation(conversation_id)
        return msgspec.structs.replace(
            opening,
            config=config,
            items=remembered_items(history.items),
            history=history,
            whispers=tuple(act.text for act in acts if act.kind == "whisper" and act.text),
            unsaid=tuple(unsaid(acts, history.items, now=services.utc_now())),
            fence=claim.fence,
            agent=history.conversation.agent or opening.agent,
        )

    async def converse(self, line: Line, opening: Opening) -> None:
        """Hold the conversation until either side ends it. All that was said is on its way to the disk then."""
        services = self._services
        self._begin_record(opening)
        status: ConversationStatus | None = "dropped"
        try:
            # The place is free for another connection only when this runner has written its last.
            with (
                self._live.entered(opening.conversation_id) as replaced,
                services.presence.holding(opening.conversation_id),
                services.claims.holding(opening.conversation_id, opening.fence) as lost,
            ):
                status = await self._run(line, opening, (replaced, lost))
                if status == "failed":
                    await self._leave_nothing_unfinished(opening)
        except Exception:
            status = "failed"
            raise
        finally:
            ENDED.labels(opening.channel, status or "moved").inc()
            if status is not None:
                services.conversation_log.status(
                    opening.conversation_id, status, now=services.utc_now(), fence=opening.fence
                )
            else:
                await services.conversation_log.flush(opening.conversation_id, FLUSH_TIMEOUT_S)
                await services.claims.release(opening.conversation_id, opening.fence)

    async def let_go(self, opening: Opening) -> None:
        """A conversation that was to be continued is not, and is free again."""
        if opening.history is not None:
            await self.end(opening.conversation_id, opening.fence, "dropped")

    async def end(self, conversation_id: str, fence: int, status: ConversationStatus) -> None:
        """One that is held, and not live, ends so."""
        services = self._services
        services.conversation_log.status(conversation_id, status, now=services.utc_now(), fence=fence)
        await services.conversation_log.flush(conversation_id, FLUSH_TIMEOUT_S)
        await services.claims.release(conversation_id, fence)

    async def _leave_nothing_unfinished(self, opening: Opening) -> None:
        """What broke has not told how the items end that were under way."""
        services, conversation_id = self._services, opening.conversation_id
        await services.conversation_log.flush(conversation_id, FLUSH_TIMEOUT_S)
        with contextlib.suppress(StorageError):  # whoever continues it does the same
            await services.conversations.end_unfinished(conversation_id, now=services.utc_now())

    async def _run(
        self, line: Line, opening: Opening, taken_over: tuple[asyncio.Event, ...]
    ) -> ConversationStatus | None:
        """The conversation itself. ``taken_over``: in this process, or by another."""
        services, conversation_id = self._services, opening.conversation_id
        audio, switchboard = services.call_audio, services.switchboard
        language = line.settings.language
        words = audio.words(language) if await audio.permitted(opening, language) else None
        core = ConversationCore(
            line.settings,
            id_prefix=secrets.token_hex(5),
            items=opening.items,
            older_from=opening.older_from,
            recording=words,
        )
        if words is None:
            core.recording.was_refused = await audio.refused_earlier(opening)
        insight = self._insight(opening)
        patience_s = 0.0 if line.puts_through else services.settings.process.person_wait_seconds
        wanted = PersonWanted(core, services.supervision.attendance, patience_s, (item for item, _ in opening.items))

        def changed(told: Told) -> None:
            line.tell(act.RecordingChanged(told), 0.0)
            desk.recording(told)

        async with contextlib.AsyncExitStack() as parts:
            desk = parts.enter_context(switchboard.holding(conversation_id, opening.channel, core))
            recorder = None
            if words is not None:
                announced = not core.recording.is_announced
                recorder = parts.enter_context(audio.recording(conversation_id, announced=announced, changed=changed))
            runner = await parts.enter_async_context(
                self._runner(line, opening, core, recorder, (insight, desk, wanted))
            )
            await parts.enter_async_context(insight.following(runner))
            await parts.enter_async_context(wanted.following(runner))
            for text in opening.whispers:
                runner.post(facts.OperatorWhispered(text, ""))
            line.began()
            if opening.is_owed_answer:
                runner.post(facts.LeftUnanswered())
            switchboard.open(conversation_id, desk, runner, opening.unsaid)
            desk.status = await self._serve_until_over(line, runner, taken_over, desk.hung_up)
            if desk.status == "failed":
                await break_off(line, conversation_id, services.meter(conversation_id).engines, core, taken_over)
                moved = any(event.is_set() for event in taken_over)
                desk.status = None if moved else "failed"
                line.end("taken_over" if moved else "failed")
            return desk.status

    async def _serve_until_over(
        self,
        line: Line,
        runner: ConversationRunner,
        taken_over: tuple[asyncio.Event, ...],
        hung_up: asyncio.Event,
    ) -> ConversationStatus | None:
        """Returns the conversation's status after it: "dropped" when the line broke without a goodbye, "failed" by a
        mistake of ours, None when it goes on over another connection. ``hung_up``: by an operator."""
        admission, lifetime_s = self._services.admission, self._services.settings.process.session_max_minutes * 60
        serving = asyncio.create_task(line.serve(runner), name="client")
        ending = asyncio.create_task(admission.ending.wait(), name="ending")
        ended = asyncio.create_task(hung_up.wait(), name="ended")
        broke = asyncio.create_task(runner.broke.wait(), name="broke")
        taken = [asyncio.create_task(event.wait(), name="taken over") for event in taken_over]
        watched = {serving, ending, ended, broke, *taken}
        try:
            await asyncio.wait(watched, timeout=lifetime_s, return_when=asyncio.FIRST_COMPLETED)
            if serving.done() and (mistake := serving.exception()) is not None:
                log.error("conversation %s broke", runner.conversation_id, exc_info=mistake)
                return "failed"
            if broke.done():
                return "failed"
            if serving.done():
                return "closed" if line.ended_properly else "dropped"
            if any(task.done() for task in taken):
                line.end("taken_over")
                return None
            if ended.done():
                line.end("ended")
                return "closed"
            line.end("draining" if ending.done() else "expired")
            return "dropped"
        finally:
            for task in watched:
                task.cancel()
            await asyncio.wait(watched)

    def _insight(self, opening: Opening) -> LiveInsight:
        services = self._services
        return LiveInsight(
            opening.conversation_id,
            services.agent_service,
            services.database,
            services.lead_changes,
            services.utc_now,
            office=services.meetings.rules.zone,
            items=[item for item, _ in opening.items],
            lead_id=opening.lead_id,
            asks=asked_keys(opening.config.instructions),
            qualifies=asks_to_qualify(opening.config.instructions),
        )

    def _runner(
        self,
        line: Line,
        opening: Opening,
        core: ConversationCore,
        recorder: CallRecorder | None,
        beside: tuple[Observer, ...],
    ) -> ConversationRunner:
        services = self._services
        memory = ConversationMemory(
            services.conversation_log,
            opening.conversation_id,
            opening.channel,
            services.utc_now,
            conversations=services.conversations,
            known=opening.history.items if opening.history else (),
        )
        meter = services.meter(opening.conversation_id)
        return ConversationRunner(
            opening.conversation_id,
            core,
            meter.engines,
            client=line,
            memory=memory,
            recording=self._recording(opening, core),
            observers=(
                *((recorder,) if recorder is not None else ()),
                meter,
                *beside,
                *services.watch(opening.conversation_id, opening.channel),
            ),
            ear=recorder.hear if recorder is not None else None,
            lead_id=opening.lead_id,
        )

    def _recording(self, opening: Opening, core: ConversationCore) -> Recording | None:
        directory = self._services.settings.process.recordings_dir
        if directory is None:
            return None
        header = Header(
            FORMAT,
            opening.conversation_id,
            core.id_prefix,
            core.settings,
            opening.items,
            core.recording.words,
            opening.older_from,
        )
        return Recording(directory / f"{opening.conversation_id}-{core.id_prefix}.jsonl", header)

    def _link(self, opening: Opening) -> dict[str, str]:
        """What the CRM is told where to listen; it is good for nothing where nothing is recorded."""
        link = self._services.call_audio.link(opening.conversation_id) if opening.may_record else None
        return {} if link is None else {RECORDING_URL: link}

    def _begin_record(self, opening: Opening) -> None:
        if opening.history is not None:
            return
        now = self._services.utc_now()
        session: dict[str, Any] = msgspec.to_builtins(opening.config)
        self._services.conversation_log.conversation(
            ConversationRecord(
                id=opening.conversation_id,
                channel=opening.channel,
                session=session,
                lead_id=opening.lead_id,
                metadata=opening.metadata | self._link(opening) | ({BY_VISITOR: True} if opening.visitor else {}),
                agent=opening.agent,
                created_at=now,
                updated_at=now,
            )
        )
