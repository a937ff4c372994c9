"""One turn by the conversation core itself: words in, the reply out, tools and ladders as in a live call."""

import asyncio
from typing import Any

from msgspec import Struct, structs

from pipelines.agents.conversation.port import OpenConversation
from pipelines.agents.conversation.silence import NoRecognizer, NoVoiceActivity
from pipelines.agents.errors import AgentError
from pipelines.agents.events import AgentEvent
from pipelines.agents.run import RULES, AgentRun, Emit
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import user_text
from pipelines.conversation.rim.ports import Engines
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.intent.classifier import Intent

PLAYBOOK = "playbook"


class Turn(Struct, frozen=True):
    """``engine``: who answered · ``tools``: those that ran."""

    text: str
    engine: str
    tools: tuple[str, ...]


async def answered(run: AgentRun, turn_id: str, opened: OpenConversation, message: str) -> Turn:
    """The reply to a message. ``turn_id`` names the turn for good: begun twice, it is the same turn, and its tools have
    the same keys. Raises AgentError ``reply_failed``."""
    reply = structs.replace(opened.settings.reply, modality="text")
    settings = structs.replace(
        opened.settings, reply=reply, turn_detection=None, recognizer_turns=False, recognizer_rungs=1
    )
    core = ConversationCore(settings, id_prefix=f"{turn_id}_", items=opened.items, older_from=opened.older_from)
    engines = _without_ears(opened.engines)
    listener = _Listener(run.emit)
    said = user_text(f"item_{turn_id}", message)
    async with ConversationRunner(
        run.thread_id, core, engines, client=listener, memory=opened.memory, execution_id=run.execution_id
    ) as runner:
        if said.id not in core.history:
            runner.post(facts.ItemCreate(said))
        runner.post(facts.ResponseCreate())
        broke = asyncio.create_task(runner.broke.wait(), name="broke")
        over: set[asyncio.Future[Any]] = {listener.done, broke}
        try:
            await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        finally:
            broke.cancel()
    if not listener.done.done():
        raise AgentError("reply_failed", "A mistake of the server's broke the conversation.", retryable=True)
    response = listener.done.result()
    if response.status not in ("completed", "incomplete"):
        raise AgentError("reply_failed", response.error_message or "There is no reply.", retryable=True)
    return Turn(listener.text.strip(), listener.engine, tuple(listener.tools))


def _without_ears(engines: Engines) -> Engines:
    return Engines(
        vad=NoVoiceActivity(),
        recognisers=(NoRecognizer(),),
        models=engines.models,
        voices=engines.voices,
        tools=engines.tools,
        gateway=engines.gateway,
    )


class _Listener:
    """The runner's client."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.done: asyncio.Future[act.Response] = asyncio.get_running_loop().create_future()
        self.text = ""
        self.engine = RULES
        self.tools: list[str] = []

    def tell(self, action: act.Action, now_ms: float) -> None:
        match action:
            case act.OutputTextDelta(delta=delta):
                self.text += delta
                self._tell("token", {"node": "respond", "text": delta})
            case act.ToolStarted(name=name):
                self.tools.append(name)
                self._tell("tool_started", {"name": name})
            case act.ToolEnded(name=name, failed=failed, latency_ms=latency_ms):
                self._tell("tool_finished", {"name": name, "failed": failed, "latency_ms": round(latency_ms, 2)})
            case act.TurnTimings():
                self.engine = RULES if action.model in (None, PLAYBOOK) else str(action.model)
            case act.ResponseDone(response=response) if not self.done.done():
                self.done.set_result(response)

    def tell_intent(self, item_id: str, intent: Intent) -> None:
        """The graph's own node tells it."""

    def _tell(self, kind: Any, data: dict[str, Any]) -> None:
        self._emit(AgentEvent(kind, data))
