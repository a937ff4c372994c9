"""What models and voices say, and where it belongs: to the reply whose work it is, or to none any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from pipelines.conversation import facts

if TYPE_CHECKING:
    from pipelines.conversation.core import ConversationCore
    from pipelines.conversation.reply import Reply


class ProviderSide:
    """Passes it to the core's replies, which the core follows up."""

    def __init__(self, core: ConversationCore) -> None:
        self._core = core

    def of_model(self, generation: int) -> Reply | None:
        """None: the work was stopped, and says something late."""
        return next((reply for reply in self._core.replies() if reply.model_generation == generation), None)

    def of_voice(self, generation: int) -> Reply | None:
        return next((reply for reply in self._core.replies() if reply.voiced(generation) is not None), None)

    def _on_model_serving(self, fact: facts.ModelServing, _now_ms: float) -> None:
        if (reply := self.of_model(fact.generation)) is not None:
            reply.stage.model = fact.model

    def _on_model_text(self, fact: facts.ModelText, now_ms: float) -> None:
        if (reply := self.of_model(fact.generation)) is not None:
            reply.on_text(fact.text, now_ms)
            self._core.after(reply, now_ms)

    def _on_model_tool_call(self, fact: facts.ModelToolCall, now_ms: float) -> None:
        if (reply := self.of_model(fact.generation)) is not None:
            reply.on_tool_call(fact.index, fact.call_id, fact.name, fact.arguments, now_ms)

    def _on_model_finished(self, fact: facts.ModelFinished, now_ms: float) -> None:
        if (reply := self.of_model(fact.generation)) is not None:
            reply.on_model_finished(fact.reason, fact.usage, now_ms)
            self._core.after(reply, now_ms)

    def _on_model_failed(self, fact: facts.ModelFailed, now_ms: float) -> None:
        if (reply := self.of_model(fact.generation)) is not None:
            reply.on_model_failed(fact.code, fact.message, now_ms)
            self._core.after(reply, now_ms)

    def _on_voice_audio(self, fact: facts.VoiceAudio, now_ms: float) -> None:
        if (reply := self.of_voice(fact.generation)) is not None:
            reply.on_audio(fact.generation, fact.pcm, fact.audible_from_ms, now_ms)
            self._core.after(reply, now_ms)

    def _on_voice_words(self, fact: facts.VoiceWords, _now_ms: float) -> None:
        if (reply := self.of_voice(fact.generation)) is not None:
            reply.on_words(fact.generation, fact.words)

    def _on_voice_finished(self, fact: facts.VoiceFinished, now_ms: float) -> None:
        if (reply := self.of_voice(fact.generation)) is not None:
            reply.on_voice_finished(fact.generation, now_ms)
            self._core.after(reply, now_ms)

    def _on_voice_failed(self, fact: facts.VoiceFailed, now_ms: float) -> None:
        if (reply := self.of_voice(fact.generation)) is not None:
            reply.on_voice_failed(fact.generation, fact.code, fact.message, now_ms)
            self._core.after(reply, now_ms)

    HANDLERS: ClassVar[Mapping[type[facts.Fact], Callable[..., None]]] = {
        facts.ModelServing: _on_model_serving,
        facts.ModelText: _on_model_text,
        facts.ModelToolCall: _on_model_tool_call,
        facts.ModelFinished: _on_model_finished,
        facts.ModelFailed: _on_model_failed,
        facts.VoiceAudio: _on_voice_audio,
        facts.VoiceWords: _on_voice_words,
        facts.VoiceFinished: _on_voice_finished,
        facts.VoiceFailed: _on_voice_failed,
    }
