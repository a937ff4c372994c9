"""When each stage of a reply was reached, and the figures of the turn made of it."""

from msgspec import Struct

from pipelines.conversation import actions as act


class Stage(Struct):
    """Session milliseconds; None: not reached. ``audible_from_ms`` counts from the reply's first sample."""

    speech_end_ms: float | None = None
    turn_end_ms: float | None = None
    transcript_ms: float | None = None
    model: str | None = None
    model_start_ms: float | None = None
    first_token_ms: float | None = None
    first_audio_ms: float | None = None
    sent_ms: float | None = None
    audible_from_ms: float | None = None
    recognizer_rung: int = 0
    """Who understood the turn that is answered."""

    @property
    def response_latency_ms(self) -> float | None:
        """From the end of the caller's speech to the first audible sample."""
        if self.first_audio_ms is None or self.speech_end_ms is None:
            return None
        return self.first_audio_ms + (self.audible_from_ms or 0.0) - self.speech_end_ms

    def timings(
        self, item_id: str, *, speculated: bool, interrupted: bool, model_rung: int, voice_rung: int
    ) -> act.TurnTimings:
        return act.TurnTimings(
            item_id=item_id,
            speech_end_ms=self.speech_end_ms,
            turn_end_ms=self.turn_end_ms,
            transcript_ms=self.transcript_ms,
            model_start_ms=self.model_start_ms,
            first_token_ms=self.first_token_ms,
            first_audio_ms=self.first_audio_ms,
            sent_ms=self.sent_ms,
            response_latency_ms=self.response_latency_ms,
            speculated=speculated,
            interrupted=interrupted,
            model_rung=model_rung,
            model=self.model,
            voice_rung=voice_rung,
            recognizer_rung=self.recognizer_rung,
        )
