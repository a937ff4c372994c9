"""What the turns of all conversations took, for Prometheus: by stage, provider and outcome.

Nothing is measured here: the core's own timings and the moments of its actions are counted, so that a figure on a
dashboard is the one in the turn's record.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from prometheus_client import Counter, Histogram

from agent_server.telemetry.providers import ProviderNames
from pipelines.conversation import actions as act
from pipelines.conversation import facts

WINDOW_S = 0.032
"""A voice that begins is noticed at the end of the window it began in."""

_SPEECH_BUCKETS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_SHORT_BUCKETS = (0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.125, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0)

RESPONSE_LATENCY_SECONDS = Histogram(
    "sales_agent_response_latency_seconds",
    "From the end of the caller's speech (or the request of a typed turn) to the first audible or readable reply.",
    ["channel", "modality", "outcome"],
    buckets=_SPEECH_BUCKETS,
)
STAGE_SECONDS = Histogram(
    "sales_agent_turn_stage_seconds",
    "Stages of a turn: end_of_turn and transcript count from the end of speech, first_token from the request to the "
    "model, first_audio from the first token, sent from the first audio.",
    ["stage", "provider", "outcome"],
    buckets=(0.005, 0.01, 0.025, *_SPEECH_BUCKETS, 30.0),
)
TURNS = Counter("sales_agent_turns", "Replies that were wanted.", ["channel", "outcome", "speculated"])
DISCARDED = Counter("sales_agent_speculations_discarded", "Replies begun too early and dropped unheard.", ["provider"])
BARGE_IN_SECONDS = Histogram(
    "sales_agent_barge_in_seconds",
    "From the window in which the caller's voice began to the moment nothing more was sent.",
    buckets=_SHORT_BUCKETS,
)
INTERRUPTIONS = Counter(
    "sales_agent_interruptions", "Sounds of callers while the agent spoke, by what they turned out to be.", ["verdict"]
)
VERDICT_SECONDS = Histogram(
    "sales_agent_interruption_verdict_seconds",
    "How long a reply was held until it was decided.",
    ["verdict"],
    buckets=_SHORT_BUCKETS,
)
TOOL_SECONDS = Histogram(
    "sales_agent_tool_seconds",
    "Time the server's own tools took.",
    ["tool", "outcome"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
PROVIDER_FAILURES = Counter(
    "sales_agent_provider_failures",
    "Failures that conversations met, by their code.",
    ["kind", "provider", "code"],
)
KEPT_PHRASES = Counter(
    "sales_agent_kept_phrases",
    "Greetings and fillers whose sound was kept: the provider was given no text.",
    ["provider"],
)
FALLBACKS = Counter("sales_agent_fallbacks", "Turns finished by another provider than the first.", ["kind", "provider"])


def is_discarded(fact: facts.Fact, actions: Sequence[act.Action]) -> bool:
    """Whether a model is stopped because nobody wants its reply: not with the end of one that was told, nor to let
    another model take its turn (it failed, or time ran out)."""
    kinds = {type(action) for action in actions}
    replaced = isinstance(fact, facts.Tick) and act.StartModel in kinds
    return act.ResponseDone not in kinds and not replaced and not isinstance(fact, facts.ModelFailed)


_FAILURES = (facts.ModelFailed, facts.VoiceFailed, facts.TranscriptFailed)


class TurnMetrics:
    """Counts one conversation. An ``Observer``."""

    def __init__(self, names: ProviderNames, channel: str) -> None:
        self._names = names
        self._channel = channel
        self._models: dict[int, str] = {}
        self._voices: dict[int, str] = {}
        self._recogniser_rung = 0
        self._held_at_ms: float | None = None
        self._status = "completed"
        self._modality = "audio"

    def saw(self, fact: facts.Fact, actions: Sequence[act.Action], now_ms: float) -> None:
        if isinstance(fact, facts.ModelServing) and fact.generation in self._models:
            self._models[fact.generation] = fact.model
        # A window of audio comes thirty times a second, mostly without an action: a look at its type is all it costs.
        if isinstance(fact, _FAILURES):
            self._failure(fact)
        elif type(fact) is facts.VoiceFinished and fact.kept:
            KEPT_PHRASES.labels(self._voices.get(fact.generation, "unknown")).inc()
        for action in actions:
            handle = self._ON.get(type(action))
            if handle is not None:
                handle(self, action, fact, now_ms)
            elif type(action) is act.StopModel:
                self._stop_model(action, fact, actions)
        if isinstance(fact, facts.ModelFinished):
            self._models.pop(fact.generation, None)

    def _change_recogniser(self, action: act.ChangeRecognizer, _fact: facts.Fact, _now_ms: float) -> None:
        if action.rung > 0:  # going back to the first is no failure
            PROVIDER_FAILURES.labels("stt", self._names.recogniser(self._recogniser_rung), action.code).inc()
        self._recogniser_rung = action.rung

    def _start_model(self, action: act.StartModel, _fact: facts.Fact, _now_ms: float) -> None:
        self._models[action.generation] = self._names.model(action.rung)

    def _stop_model(self, action: act.StopModel, fact: facts.Fact, actions: Sequence[act.Action]) -> None:
        provider = self._models.pop(action.generation, None)
        if provider is not None and is_discarded(fact, actions):
            DISCARDED.labels(provider).inc()

    def _open_voice(self, action: act.OpenVoice, _fact: facts.Fact, _now_ms: float) -> None:
        self._voices = {action.generation: self._names.voice(action.rung)}

    def _hold(self, _action: act.PausePlayback, fact: facts.Fact, now_ms: float) -> None:
        self._held_at_ms = now_ms
        if isinstance(fact, facts.VoiceWindow):
            BARGE_IN_SECONDS.observe(max(0.0, (now_ms - fact.audible_end_at_ms) / 1000) + WINDOW_S)

    def _resume(self, _action: act.ResumePlayback, _fact: facts.Fact, now_ms: float) -> None:
        self._decide("false_alarm", now_ms)

    def _decide(self, verdict: str, now_ms: float) -> None:
        if self._held_at_ms is None:
            return
        INTERRUPTIONS.labels(verdict).inc()
        VERDICT_SECONDS.labels(verdict).observe((now_ms - self._held_at_ms) / 1000)
        self._held_at_ms = None

    def _created(self, action: act.ResponseCreated, _fact: facts.Fact, _now_ms: float) -> None:
        self._modality = action.response.modality

    def _done(self, action: act.ResponseDone, _fact: facts.Fact, now_ms: float) -> None:
        """Comes just before the timings, which know no failure."""
        response = action.response
        interrupted = response.status == "cancelled" and response.reason == "turn_detected"
        self._status = "interrupted" if interrupted else response.status
        self._modality = response.modality
        if interrupted:
            self._decide("interruption", now_ms)
        self._held_at_ms = None

    def _timings(self, turn: act.TurnTimings, _fact: facts.Fact, _now_ms: float) -> None:
        outcome = self._status
        stt = self._names.recogniser(turn.recognizer_rung)
        model, voice = turn.model or self._names.model(turn.model_rung), self._names.voice(turn.voice_rung)
        TURNS.labels(self._channel, outcome, str(turn.speculated).lower()).inc()
        if turn.response_latency_ms is not None:
            latency = RESPONSE_LATENCY_SECONDS.labels(self._channel, self._modality, outcome)
            latency.observe(max(0.0, turn.response_latency_ms / 1000))
        stages = (
            ("end_of_turn", stt, turn.speech_end_ms, turn.turn_end_ms),
            ("transcript", stt, turn.speech_end_ms, turn.transcript_ms),
            ("first_token", model, turn.model_start_ms, turn.first_token_ms),
            ("first_audio", voice, turn.first_token_ms, turn.first_audio_ms),
            ("sent", voice, turn.first_audio_ms, turn.sent_ms),
        )
        for stage, provider, began_ms, ended_ms in stages:
            if (self._modality == "text" and provider == voice) or began_ms is None or ended_ms is None:
                continue
            STAGE_SECONDS.labels(stage, provider, outcome).observe(max(0.0, (ended_ms - began_ms) / 1000))
        if turn.recognizer_rung > 0:
            FALLBACKS.labels("stt", stt).inc()
        if turn.model_rung > 0:
            FALLBACKS.labels("model", model).inc()
        if turn.voice_rung > 0 and self._modality == "audio":
            FALLBACKS.labels("voice", voice).inc()

    def _tool(self, action: act.ToolEnded, _fact: facts.Fact, _now_ms: float) -> None:
        TOOL_SECONDS.labels(action.name, "failed" if action.failed else "completed").observe(action.latency_ms / 1000)

    def _failure(self, fact: facts.ModelFailed | facts.VoiceFailed | facts.TranscriptFailed) -> None:
        match fact:
            case facts.ModelFailed(generation=generation):
                kind, provider = "model", self._models.pop(generation, "unknown")
            case facts.VoiceFailed(generation=generation):
                kind, provider = "voice", self._voices.get(generation, "unknown")
            case facts.TranscriptFailed():
                kind, provider = "stt", self._names.recogniser(self._recogniser_rung)
        PROVIDER_FAILURES.labels(kind, provider, fact.code).inc()

    _ON: ClassVar[Mapping[type[Any], Callable[["TurnMetrics", Any, facts.Fact, float], None]]] = {
        act.ChangeRecognizer: _change_recogniser,
        act.StartModel: _start_model,
        act.OpenVoice: _open_voice,
        act.PausePlayback: _hold,
        act.ResumePlayback: _resume,
        act.ResponseCreated: _created,
        act.ResponseDone: _done,
        act.TurnTimings: _timings,
        act.ToolEnded: _tool,
    }
