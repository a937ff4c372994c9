"""One OpenTelemetry trace for each turn, made when the turn is over from the moments that were noted on the way.

Names and attributes follow the semantic conventions for generative AI: ``invoke_agent`` holds ``chat`` (one for each
request to a model, the discarded and the failed among them), ``execute_tool``, and the stages of speech, for which the
conventions have no name. What people said is left out unless the operator allows it.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.util.types import AttributeValue

from agent_server.telemetry.providers import ProviderNames
from agent_server.telemetry.turn_metrics import is_discarded
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.llm.port import ChatRequest

AGENT = "sales-agent"
MOST_CALLS = 64
"""Of one turn, the latest: a turn that goes around in circles must not grow without end."""

_PROVIDERS = {"playbook": "sales_agent", "claude": "anthropic"}
"""Where a provider's name in the conventions is another than ours."""

Attributes = dict[str, AttributeValue]


class Call(Struct):
    """Work of a provider or a tool within a turn. Times on the session's clock."""

    name: str
    kind: SpanKind
    began_ms: float
    attributes: Attributes
    ended_ms: float | None = None
    error: str | None = None


class TurnSpans:
    """Traces one conversation. An ``Observer``.

    ``opened_at_ns``: the time of day at which the session's clock began. ``with_content``: put what was said, and the
    arguments and results of tools, into the spans.
    """

    def __init__(
        self,
        tracer: Tracer,
        names: ProviderNames,
        *,
        conversation_id: str,
        channel: str,
        with_content: bool,
        opened_at_ns: int | None = None,
    ) -> None:
        self._tracer = tracer
        self._names = names
        self._with_content = with_content
        self._opened_at_ns = time.time_ns() if opened_at_ns is None else opened_at_ns
        self._common: Attributes = {"gen_ai.conversation.id": conversation_id, "sales_agent.channel": channel}
        self._models: dict[int, Call] = {}
        self._texts: dict[int, list[str]] = {}
        self._voices: dict[int, Call] = {}
        self._tools: dict[str, Call] = {}
        self._calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self._heard = ""
        self._done: act.Response | None = None
        self._on_action: dict[type[Any], Callable[[Any, float], None]] = {
            act.StartModel: self._start_model,
            act.OpenVoice: self._open_voice,
            act.StopVoice: lambda action, now_ms: self._end(self._voices, action.generation, now_ms),
            act.RunTool: self._run_tool,
            act.ToolEnded: self._tool_ended,
            act.TranscriptCompleted: self._transcript,
            act.ResponseDone: self._response_done,
        }
        self._on_fact: dict[type[Any], Callable[[Any, float], None]] = {
            facts.ModelServing: self._model_serving,
            facts.ModelText: self._model_text,
            facts.ModelFinished: self._model_finished,
            facts.ModelFailed: lambda fact, now_ms: self._end(self._models, fact.generation, now_ms, fact.code),
            facts.VoiceFinished: lambda fact, now_ms: self._end(self._voices, fact.generation, now_ms),
            facts.VoiceFailed: lambda fact, now_ms: self._end(self._voices, fact.generation, now_ms, fact.code),
            facts.ToolFinished: self._tool_finished,
        }

    def saw(self, fact: facts.Fact, actions: Sequence[act.Action], now_ms: float) -> None:
        note = self._on_fact.get(type(fact))
        if note is not None:
            note(fact, now_ms)
        timings: act.TurnTimings | None = None
        for action in actions:
            handle = self._on_action.get(type(action))
            if handle is not None:
                handle(action, now_ms)
            elif type(action) is act.StopModel:
                self._stop_model(action.generation, now_ms, discarded=is_discarded(fact, actions))
            elif type(action) is act.TurnTimings:
                timings = action
        if self._done is not None:
            self._emit(self._done, timings, now_ms)
            self._done = None

    # What is noted on the way

    def _start_model(self, action: act.StartModel, now_ms: float) -> None:
        provider = self._names.model(action.rung)
        attributes: Attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": _PROVIDERS.get(provider, provider),
            "gen_ai.request.model": provider,
            "gen_ai.request.stream": True,
            "sales_agent.rung": action.rung,
        }
        if action.request.max_output_tokens is not None:
            attributes["gen_ai.request.max_tokens"] = action.request.max_output_tokens
        if self._with_content:
            attributes["gen_ai.input.messages"] = _input_messages(action.request)
        self._models[action.generation] = Call(f"chat {provider}", SpanKind.CLIENT, now_ms, attributes)
        self._texts[action.generation] = []

    def _model_serving(self, fact: facts.ModelServing, _now_ms: float) -> None:
        """The gateway chose, or chose another than it was about to."""
        call = self._models.get(fact.generation)
        if call is None:
            return
        provider, _, model = fact.model.partition("/")
        call.name = f"chat {model or provider}"
        call.attributes |= {
            "gen_ai.provider.name": _PROVIDERS.get(provider, provider),
            "gen_ai.request.model": model or provider,
        }

    def _model_text(self, fact: facts.ModelText, now_ms: float) -> None:
        call = self._models.get(fact.generation)
        if call is None:
            return
        call.attributes.setdefault("gen_ai.response.time_to_first_chunk", (now_ms - call.began_ms) / 1000)
        if self._with_content:
            self._texts[fact.generation].append(fact.text)

    def _model_finished(self, fact: facts.ModelFinished, now_ms: float) -> None:
        call = self._models.get(fact.generation)
        if call is None:
            return
        call.attributes |= {
            "gen_ai.response.finish_reasons": [fact.reason],
            "gen_ai.usage.input_tokens": fact.usage.input_tokens,
            "gen_ai.usage.output_tokens": fact.usage.output_tokens,
        }
        if fact.usage.cached_tokens:
            call.attributes["gen_ai.usage.cache_read.input_tokens"] = fact.usage.cached_tokens
        if self._with_content:
            parts = [{"type": "text", "content": "".join(self._texts[fact.generation])}]
            message = [{"role": "assistant", "parts": parts, "finish_reason": fact.reason}]
            call.attributes["gen_ai.output.messages"] = _json(message)
        self._end(self._models, fact.generation, now_ms)

    def _stop_model(self, generation: int, now_ms: float, *, discarded: bool) -> None:
        call = self._models.get(generation)
        if call is not None:
            call.attributes["sales_agent.discarded" if discarded else "sales_agent.stopped"] = True
            self._end(self._models, generation, now_ms)

    def _open_voice(self, action: act.OpenVoice, now_ms: float) -> None:
        provider = self._names.voice(action.rung)
        attributes: Attributes = {"gen_ai.provider.name": provider, "gen_ai.output.type": "speech"}
        self._voices[action.generation] = Call(f"text_to_speech {provider}", SpanKind.CLIENT, now_ms, attributes)

    def _run_tool(self, action: act.RunTool, now_ms: float) -> None:
        attributes: Attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": action.name,
            "gen_ai.tool.call.id": action.call_id,
            "gen_ai.tool.type": "function",
        }
        if self._with_content:
            attributes["gen_ai.tool.call.arguments"] = action.arguments
        self._tools[action.call_id] = Call(f"execute_tool {action.name}", SpanKind.INTERNAL, now_ms, attributes)

    def _tool_finished(self, fact: facts.ToolFinished, _now_ms: float) -> None:
        call = self._tools.get(fact.call_id)
        if call is not None and self._with_content:
            call.attributes["gen_ai.tool.call.result"] = fact.output

    def _tool_ended(self, action: act.ToolEnded, now_ms: float) -> None:
        self._end(self._tools, action.call_id, now_ms, "tool_failed" if action.failed else None)

    def _transcript(self, action: act.TranscriptCompleted, _now_ms: float) -> None:
        self._heard = action.transcript

    def _end(self, running: dict[Any, Call], key: int | str, now_ms: float, error: str | None = None) -> None:
        call = running.pop(key, None)
        if running is self._models:
            self._texts.pop(key, None)  # type: ignore[arg-type]  # models are numbered
        if call is not None:
            call.ended_ms, call.error = now_ms, error
            self._calls.append(call)

    def _response_done(self, action: act.ResponseDone, _now_ms: float) -> None:
        self._done = action.response

    # The trace

    def _emit(self, response: act.Response, timings: act.TurnTimings | None, now_ms: float) -> None:
        calls = [*self._calls, *self._speech_to_text(timings)]
        self._calls.clear()
        began = [call.began_ms for call in calls]
        if timings is not None and timings.speech_end_ms is not None:
            began.append(timings.speech_end_ms)
        root = self._tracer.start_span(
            f"invoke_agent {AGENT}",
            kind=SpanKind.INTERNAL,
            start_time=self._ns(min(began, default=now_ms)),
            attributes=self._turn_attributes(response, timings),
        )
        inside = set_span_in_context(root)
        for call in sorted(calls, key=lambda each: each.began_ms):
            span = self._tracer.start_span(
                call.name,
                context=inside,
                kind=call.kind,
                start_time=self._ns(call.began_ms),
                attributes={**self._common, **call.attributes},
            )
            if call.error is not None:
                span.set_attribute("error.type", call.error)
                span.set_status(Status(StatusCode.ERROR))
            span.end(self._ns(call.ended_ms if call.ended_ms is not None else now_ms))
        if response.status == "failed":
            root.set_attribute("error.type", response.error_code or "error")
            root.set_status(Status(StatusCode.ERROR))
        root.end(self._ns(now_ms))

    def _turn_attributes(self, response: act.Response, timings: act.TurnTimings | None) -> Attributes:
        attributes: Attributes = {
            **self._common,
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": AGENT,
            "gen_ai.output.type": "speech" if response.modality == "audio" else "text",
            "gen_ai.response.id": response.id,
            "sales_agent.outcome": _outcome(response),
        }
        if response.usage is not None:
            attributes["gen_ai.usage.input_tokens"] = response.usage.input_tokens
            attributes["gen_ai.usage.output_tokens"] = response.usage.output_tokens
        if timings is not None:
            attributes["sales_agent.item_id"] = timings.item_id
            attributes["sales_agent.speculated"] = timings.speculated
            if timings.response_latency_ms is not None:
                attributes["sales_agent.response_latency_ms"] = round(timings.response_latency_ms, 1)
        if self._with_content:
            said = " ".join(item.heard for item in response.output if item.type == "message")
            attributes["gen_ai.input.messages"] = _json([_message("user", self._heard)]) if self._heard else "[]"
            attributes["gen_ai.output.messages"] = _json([_message("assistant", said)])
        self._heard = ""
        return attributes

    def _speech_to_text(self, timings: act.TurnTimings | None) -> list[Call]:
        if timings is None or timings.speech_end_ms is None or timings.transcript_ms is None:
            return []
        recogniser = self._names.recogniser(timings.recognizer_rung)
        attributes: Attributes = {"gen_ai.provider.name": recogniser}
        began_ms = min(timings.speech_end_ms, timings.transcript_ms)
        name = f"speech_to_text {recogniser}"
        return [Call(name, SpanKind.CLIENT, began_ms, attributes, timings.transcript_ms)]

    def _ns(self, at_ms: float) -> int:
        return self._opened_at_ns + int(at_ms * 1e6)


def _outcome(response: act.Response) -> Literal["completed", "interrupted", "cancelled", "failed", "incomplete"]:
    if response.status == "cancelled":
        return "interrupted" if response.reason == "turn_detected" else "cancelled"
    return "completed" if response.status == "in_progress" else response.status


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _input_messages(request: ChatRequest) -> str:
    return _json([_message(message.role, message.content) for message in request.messages])


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
