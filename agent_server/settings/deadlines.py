"""Settings of the waits on providers in a live turn: past one, the same turn goes on with the next provider."""

from typing import Annotated

from msgspec import Meta

from agent_server.settings.field import Group, setting
from pipelines.conversation.settings import Limits

Milliseconds = Annotated[float, Meta(ge=50, le=60_000)]
_USUAL = Limits()


class DeadlineSettings(Group, frozen=True, kw_only=True):
    recognition_ms: Annotated[
        Milliseconds, setting("RECOGNITION_TIMEOUT_MS", "Voice without a word, after which another recogniser listens")
    ] = _USUAL.recognition_ms
    transcript_ms: Annotated[
        Milliseconds, setting("TRANSCRIPT_TIMEOUT_MS", "Wait for the final text of what a caller said")
    ] = _USUAL.transcript_ms
    first_token_ms: Annotated[
        Milliseconds, setting("FIRST_TOKEN_TIMEOUT_MS", "Wait for a model to begin; three times that for the last")
    ] = _USUAL.first_token_ms
    next_token_ms: Annotated[
        Milliseconds, setting("NEXT_TOKEN_TIMEOUT_MS", "Wait for a model to go on; three times that for the last")
    ] = _USUAL.next_token_ms
    first_audio_ms: Annotated[
        Milliseconds, setting("FIRST_AUDIO_TIMEOUT_MS", "Wait for a voice to begin; three times that for the last")
    ] = _USUAL.first_audio_ms
    next_audio_ms: Annotated[
        Milliseconds, setting("NEXT_AUDIO_TIMEOUT_MS", "Silence of a voice within a reply; three times that at last")
    ] = _USUAL.next_audio_ms

    @property
    def limits(self) -> Limits:
        """As conversations take them."""
        return Limits(
            recognition_ms=self.recognition_ms,
            transcript_ms=self.transcript_ms,
            first_token_ms=self.first_token_ms,
            next_token_ms=self.next_token_ms,
            first_audio_ms=self.first_audio_ms,
            next_audio_ms=self.next_audio_ms,
        )
