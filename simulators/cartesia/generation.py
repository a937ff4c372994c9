"""A request to speak: its fields, and what is refused."""

from typing import Any

import msgspec
from msgspec import Struct, field

from simulators.audio.pcm import AudioFormat
from simulators.audio.voice import Style
from simulators.cartesia.errors import CartesiaError, invalid
from simulators.config import SimulatorConfig

_MODELS = ("sonic",)
_EMBEDDINGS_UNTIL = "2026-08-14"
_ENCODINGS = ("pcm_f32le", "pcm_s16le", "pcm_mulaw", "pcm_alaw")
_RATES = (8000, 16000, 22050, 24000, 44100, 48000)
_OLD_SPEEDS = {"slow": 0.8, "normal": 1.0, "fast": 1.2}
_LONGEST_BUFFER_MS = 5000


class Voice(Struct, frozen=True):
    mode: str = "id"
    id: str = ""
    embedding: list[float] | None = None


class OutputFormat(Struct, frozen=True):
    container: str
    sample_rate: int
    encoding: str = "pcm_s16le"
    bit_rate: int | None = None


class GenerationConfig(Struct, frozen=True):
    speed: float | None = None
    volume: float | None = None
    emotion: str | None = None


class Generation(Struct, frozen=True):
    """A generation request as it stands on the wire; fields not named here are ignored."""

    model_id: str
    transcript: str
    voice: Voice | str
    output_format: OutputFormat
    context_id: str | None = None
    continue_: bool = field(default=False, name="continue")
    flush: bool | None = None
    max_buffer_delay_ms: int | None = None
    add_timestamps: bool | None = None
    add_phoneme_timestamps: bool | None = None
    use_normalized_timestamps: bool | None = None
    generation_config: GenerationConfig | None = None
    speed: str | float | None = None
    language: str | None = None
    locale: str | None = None
    normalization: str | None = None
    pronunciation_dict_id: str | None = None
    save: bool | None = None


def read_generation(fields: dict[str, Any]) -> Generation:
    """Raises CartesiaError."""
    try:
        return msgspec.convert(fields, Generation)
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from None


def check(generation: Generation, version: str, containers: tuple[str, ...], config: SimulatorConfig) -> Style:
    """How to speak it. Raises CartesiaError."""
    if not generation.model_id.startswith(_MODELS):
        message = "The model is not valid, make sure it is a valid model ID."
        raise CartesiaError(400, "model_not_found", "Invalid model", message)
    voice = _voice_id(generation.voice, version)
    if config.cartesia.voices is not None and voice not in config.cartesia.voices:
        raise CartesiaError(404, "voice_not_found", "Voice not found", "The voice does not exist or is not yours.")
    output = generation.output_format
    if output.container not in containers:
        raise invalid(f"output_format.container must be one of {', '.join(containers)}")
    if output.encoding not in _ENCODINGS or output.sample_rate not in _RATES:
        raise invalid("output_format: unknown encoding or sample rate")
    if not 0 <= (generation.max_buffer_delay_ms or 0) <= _LONGEST_BUFFER_MS:
        raise invalid("max_buffer_delay_ms must be between 0 and 5000")
    if generation.language is not None and generation.locale is not None:
        raise invalid("set language or locale, not both")
    speed, volume = _manner(generation)
    pitch_hz = 95 + sum(voice.encode()) % 110
    return Style(AudioFormat(output.encoding, output.sample_rate), config.speaking_rate_wpm, speed, volume, pitch_hz)


def _voice_id(voice: Voice | str, version: str) -> str:
    if isinstance(voice, str):
        return voice
    if voice.mode == "embedding" and version < _EMBEDDINGS_UNTIL:
        return "embedding"
    if voice.mode != "id" or voice.embedding is not None:
        raise invalid("voice: only voice ids are accepted in this API version")
    if not voice.id:
        raise invalid("voice.id is required")
    return voice.id


def _manner(generation: Generation) -> tuple[float, float]:
    manner = generation.generation_config or GenerationConfig()
    if manner.speed is not None and not 0.6 <= manner.speed <= 1.5:
        raise invalid("generation_config.speed must be between 0.6 and 1.5")
    if manner.volume is not None and not 0.5 <= manner.volume <= 2.0:
        raise invalid("generation_config.volume must be between 0.5 and 2.0")
    if isinstance(generation.speed, str) and generation.speed not in _OLD_SPEEDS:
        raise invalid("speed must be slow, normal or fast")
    old = _OLD_SPEEDS[generation.speed] if isinstance(generation.speed, str) else 1.0
    return manner.speed or old, manner.volume or 1.0
