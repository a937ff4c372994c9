"""The protocol's audio formats, to and from the 24 kHz PCM that conversations work in."""

from collections.abc import Callable

from msgspec import UNSET

from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.session_object import AudioFormat, NoiseReduction, PcmaFormat, PcmFormat
from pipelines.audio.g711 import alaw_decode, alaw_encode, ulaw_decode, ulaw_encode
from pipelines.audio.noise_reduction import FAR_FIELD, NEAR_FIELD, NoiseReducer
from pipelines.audio.resample import resampler
from pipelines.conversation.settings import AudioFormatName

TELEPHONE_RATE = 8000
RATE = 24_000


class InputDecoder:
    """A client's audio, any of the formats, as 24 kHz PCM."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self._decode: Callable[[bytes], bytes] | None = None
        self.bytes_per_ms = 48 if isinstance(audio_format, PcmFormat) else 8
        if not isinstance(audio_format, PcmFormat):
            self._decode = alaw_decode if isinstance(audio_format, PcmaFormat) else ulaw_decode
            self._to_24k = resampler(TELEPHONE_RATE, RATE)

    def check(self, audio: bytes) -> None:
        """Raises ProtocolError on half a sample."""
        if self._decode is None and len(audio) % 2:
            raise ProtocolError(
                "invalid_audio", "PCM audio has two bytes a sample; this has half a one.", param="audio"
            )

    def feed(self, audio: bytes) -> bytes:
        """Whole samples."""
        return audio if self._decode is None else self._to_24k.feed(self._decode(audio))


class OutputEncoder:
    """24 kHz PCM as a client wants it. One message's audio is a stream; ``flush`` ends it."""

    def __init__(self, audio_format: AudioFormatName) -> None:
        self._encode: Callable[[bytes], bytes] | None = None
        if audio_format != "audio/pcm":
            self._encode = alaw_encode if audio_format == "audio/pcma" else ulaw_encode
            self._to_8k = resampler(RATE, TELEPHONE_RATE)

    def feed(self, pcm: bytes) -> bytes:
        return pcm if self._encode is None else self._encode(self._to_8k.feed(pcm))

    def flush(self) -> bytes:
        return b"" if self._encode is None else self._encode(self._to_8k.flush())


def noise_reducer(wanted: NoiseReduction | None) -> NoiseReducer | None:
    """What a session's ``noise_reduction`` stands for; None: the audio is taken as it comes."""
    if wanted is None:
        return None
    rules = NEAR_FIELD if wanted.type == "near_field" else FAR_FIELD
    return NoiseReducer(rules, 1.0 if wanted.strength is UNSET else wanted.strength)
