"""The names of a process's providers, as figures and traces show them."""

from typing import Self

from msgspec import Struct

from pipelines.conversation.rim.ports import Engines


class ProviderNames(Struct, frozen=True):
    """The ladders, first choice first."""

    recognisers: tuple[str, ...]
    models: tuple[str, ...]
    voices: tuple[str, ...]

    @classmethod
    def of(cls, engines: Engines) -> Self:
        return cls(
            recognisers=tuple(recogniser.name for recogniser in engines.recognisers),
            models=tuple(model.name for model in engines.models),
            voices=tuple(voice.name for voice in engines.voices),
        )

    def recogniser(self, rung: int) -> str:
        return self.recognisers[rung] if rung < len(self.recognisers) else "none"

    def model(self, rung: int) -> str:
        return self.models[rung] if rung < len(self.models) else "none"

    def voice(self, rung: int) -> str:
        return self.voices[rung] if rung < len(self.voices) else "none"
