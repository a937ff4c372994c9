"""The names of a process's providers, as figures and traces show them."""

from typing import Self

from msgspec import Struct

from pipelines.conversation.ports import Engines


class ProviderNames(Struct, frozen=True):
    """``models`` and ``voices``: the ladders, first choice first."""

    stt: str
    models: tuple[str, ...]
    voices: tuple[str, ...]

    @classmethod
    def of(cls, engines: Engines) -> Self:
        return cls(
            stt=engines.stt.name,
            models=tuple(model.name for model in engines.models),
            voices=tuple(voice.name for voice in engines.voices),
        )

    def model(self, rung: int) -> str:
        return self.models[rung] if rung < len(self.models) else "none"

    def voice(self, rung: int) -> str:
        return self.voices[rung] if rung < len(self.voices) else "none"
