"""A call around the core in virtual time: scripted providers, a client that plays what it gets, and its ear.

The ear is the oracle: it works out by itself, from the audio deltas and the moments they came, which words were heard.
"""

from dataclasses import dataclass, field
from itertools import count

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore, Phase
from pipelines.conversation.settings import ConversationSettings
from pipelines.llm.port import Usage
from pipelines.tts.port import SpokenWord

BYTES_PER_MS = 48
WORD_MS = 120.0


@dataclass
class HeardItem:
    """What the ear knows of one spoken item."""

    words: list[tuple[str, float]] = field(default_factory=list)
    played: list[tuple[float, float]] = field(default_factory=list)
    """(moment it begins to play, length), in ms."""
    cut_at_ms: float | None = None

    def heard_ms(self, now_ms: float) -> float:
        """How much of it was played by now, by a client that stops at a cut."""
        until = now_ms if self.cut_at_ms is None else min(now_ms, self.cut_at_ms)
        return sum(min(max(until - begins, 0.0), length) for begins, length in self.played)

    def heard_words(self, now_ms: float) -> list[str]:
        heard_ms = self.heard_ms(now_ms) + 1e-6
        return [word for word, ends in self.words if ends <= heard_ms]


class FakeCall:
    """Feeds facts, keeps the open work of the providers, and checks each action as it comes."""

    def __init__(self, settings: ConversationSettings) -> None:
        self.core = ConversationCore(settings, id_prefix="t")
        self.now_ms = 0.0
        self.audio_ms = 0.0
        self.speech_end_ms = 0.0
        self.models: set[int] = set()
        self.stopped_models: set[int] = set()
        self.voices: dict[int, list[str]] = {}
        self.voice_ms: dict[int, float] = {}
        self.finished_voices: set[int] = set()
        self.stopped_voices: set[int] = set()
        self.utterances: set[int] = set()
        self.finishing: set[int] = set()
        self.tools: set[str] = set()
        self.ear: dict[str, HeardItem] = {}
        self.plays_until_ms = 0.0
        """Clients play what they get in order and without a pause."""
        self.open_response: str | None = None
        self.beside: set[str] = set()
        self.told: list[act.Action] = []
        self.stale_markers: set[str] = set()
        self.closed = False
        self._markers = count()

    def send(self, fact: facts.Fact) -> list[act.Action]:
        actions = self.core.step(fact, self.now_ms)
        assert not (self.closed and actions), "actions after close"
        for action in actions:
            self._see(action)
        if isinstance(fact, facts.Close):
            self.closed = True
        return actions

    def advance(self, ms: float) -> None:
        """Let time pass, with the ticks the core asks for."""
        until = self.now_ms + ms
        for _ in range(10_000):
            wake = self.core.wake_ms()
            if wake is None or wake > until:
                break
            self.now_ms = max(self.now_ms, wake)
            self.send(facts.Tick())
        else:
            raise AssertionError("the core asks to be woken for ever")
        self.now_ms = until

    def window(self, probability: float) -> None:
        """32 ms of the caller's audio."""
        self.advance(32.0)
        self.audio_ms += 32.0
        if probability > 0.5:
            self.speech_end_ms = self.audio_ms
        self.send(facts.VoiceWindow(probability, self.audio_ms, self.speech_end_ms, self.now_ms))

    def marker(self) -> str:
        return f"w{next(self._markers)}"

    # Providers

    def model_text(self, generation: int) -> None:
        word = self.marker()
        if generation not in self.models:
            self.stale_markers.add(word)
        self.send(facts.ModelText(generation, word + " "))

    def model_finishes(self, generation: int) -> None:
        self.models.discard(generation)
        self.send(facts.ModelFinished(generation, "stop", Usage(1, 1)))

    def voice_speaks(self, generation: int) -> None:
        """The voice delivers the next word it was given, with its time."""
        waiting = self.voices.get(generation)
        if not waiting:
            return
        word = waiting.pop(0)
        begins = self.voice_ms.get(generation, 0.0)
        self.voice_ms[generation] = begins + WORD_MS
        reply = self.core.providers.of_voice(generation)
        if reply is not None:
            message = next(m for m in reply.spoken if m.voice_generation == generation)
            heard = self.ear.setdefault(message.id, HeardItem())
            heard.words.append((word, (len(heard.words) + 1) * WORD_MS))
        self.send(facts.VoiceWords(generation, (SpokenWord(word, begins, begins + WORD_MS),)))
        self.send(facts.VoiceAudio(generation, bytes(int(WORD_MS * BYTES_PER_MS)), 0.0))

    def voice_finishes(self, generation: int, *, kept: bool = False) -> None:
        while self.voices.get(generation):
            self.voice_speaks(generation)
        self.voices.pop(generation, None)
        self.send(facts.VoiceFinished(generation, kept))

    def settle(self) -> None:
        """Providers do their work and the caller is silent, until nothing is left to do."""
        for _ in range(60):
            for utterance in sorted(self.finishing):
                self.finishing.discard(utterance)
                self.utterances.discard(utterance)
                self.send(facts.Transcribed(utterance, "tell me about your pricing"))
            for call_id in sorted(self.tools):
                self.tools.discard(call_id)
                self.send(facts.ToolFinished(call_id, "{}"))
            for generation in sorted(self.models):
                self.model_finishes(generation)
            for generation in sorted(self.finished_voices & set(self.voices)):
                self.voice_finishes(generation)
            for _ in range(10):
                self.window(0.0)
            if not self._work_is_open and self.core.phase is Phase.LISTENING and not self.core.tool_runs.news:
                break
        self.advance(20_000.0)

    @property
    def _work_is_open(self) -> bool:
        return bool(self.finishing or self.tools or self.models or self.finished_voices & set(self.voices))

    # What the client sees

    def _see(self, action: act.Action) -> None:
        match action:
            case act.StartModel(generation, _, _):
                self.models.add(generation)
            case act.StopModel(generation):
                self.models.discard(generation)
                self.stopped_models.add(generation)
            case act.OpenVoice(generation, _, _, _):
                self.voices[generation] = []
            case act.Speak(generation, text):
                assert generation in self.voices, "text for a voice that is not open"
                self.voices[generation] += text.split()
            case act.FinishVoice(generation):
                self.finished_voices.add(generation)
            case act.StopVoice(generation):
                self.voices.pop(generation, None)
                self.stopped_voices.add(generation)
            case act.BeginUtterance(utterance, _):
                self.utterances.add(utterance)
            case act.FinishUtterance(utterance):
                assert utterance in self.utterances
                self.finishing.add(utterance)
            case act.AbandonUtterance(utterance):
                self.utterances.discard(utterance)
                self.finishing.discard(utterance)
            case act.RunTool(call_id, _, _, _):
                self.tools.add(call_id)
            case act.CancelTool(call_id):
                self.tools.discard(call_id)
            case act.ResponseCreated(response) if response.out_of_band:
                self.beside.add(response.id)
            case act.ResponseCreated(response):
                assert self.open_response is None, "two responses at once"
                self.open_response = response.id
            case act.ResponseDone(response) if not response.out_of_band:
                assert self.open_response == response.id
                self.open_response = None
                if response.reason == "turn_detected":
                    self._flush()
            case act.OutputAudioDelta(response_id, _, _, _) if response_id in self.beside:
                pass  # what the client does with it is its own business
            case act.OutputAudioDelta(response_id, item_id, _, pcm):
                assert response_id == self.open_response, "audio of a reply that is not the open one"
                begins, length = max(self.now_ms, self.plays_until_ms), len(pcm) / BYTES_PER_MS
                self.plays_until_ms = begins + length
                self.ear.setdefault(item_id, HeardItem()).played.append((begins, length))
            case act.SpeechStarted(_, _):
                self._flush()
            case act.StopPlayback(item_id):
                if (item := self.ear.get(item_id)) is not None and item.cut_at_ms is None:
                    item.cut_at_ms = self.plays_until_ms = self.now_ms
        self.told.append(action)

    def _flush(self) -> None:
        """Clients drop what they have not played when the caller takes the floor."""
        detection = self.core.settings.turn_detection
        if detection is None or not detection.interrupt_response:
            return
        for item in self.ear.values():
            if item.played and item.cut_at_ms is None:
                item.cut_at_ms = self.plays_until_ms = self.now_ms
