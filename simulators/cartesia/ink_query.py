"""The query strings of the speech-to-text sockets, and the ``config`` command that changes turn detection."""

from msgspec import Struct
from multidict import MultiMapping

from simulators.audio.pcm import BYTES_PER_SAMPLE, AudioFormat
from simulators.cartesia.errors import CartesiaError, invalid

_COMMON_NAMES = frozenset("model encoding sample_rate keyterm cartesia_version access_token".split())
_TURN_NAMES = frozenset("turn_start_threshold turn_eager_end_threshold turn_end_threshold turn_end_timeout_ms".split())
_MANUAL_NAMES = frozenset("language min_volume max_silence_duration_secs".split())
_MOST_KEYTERMS = 100
_KEYTERM_LETTERS = 1200


class TurnConfig(Struct, frozen=True):
    """A turn ends when the likelihood of speech falls *below* a threshold: the other way round than at Deepgram."""

    start_threshold: float = 0.8
    eager_end_threshold: float = 0.4
    end_threshold: float = 0.2
    end_timeout_ms: float = 5600


class InkQuery(Struct, frozen=True):
    """``turn`` for the socket with turns; ``silence_ms`` (None: off) for ``ink-whisper`` on the manual one."""

    format: AudioFormat
    turn: TurnConfig = TurnConfig()
    silence_ms: float | None = None


def parse_turns(query: MultiMapping[str]) -> InkQuery:
    """``/stt/turns/websocket``. Raises CartesiaError."""
    _known(query, _COMMON_NAMES | _TURN_NAMES)
    _check_model(query, ("ink-2",))
    usual = TurnConfig()
    turn = TurnConfig(
        start_threshold=_number(query, "turn_start_threshold", usual.start_threshold),
        eager_end_threshold=_number(query, "turn_eager_end_threshold", usual.eager_end_threshold),
        end_threshold=_number(query, "turn_end_threshold", usual.end_threshold),
        end_timeout_ms=_number(query, "turn_end_timeout_ms", usual.end_timeout_ms),
    )
    check_turn(turn)
    return InkQuery(_format(query), turn)


def parse_manual(query: MultiMapping[str]) -> InkQuery:
    """``/stt/websocket``. Raises CartesiaError."""
    _known(query, _COMMON_NAMES | _MANUAL_NAMES)
    _check_model(query, ("ink-2", "ink-whisper"))
    if query.get("language", "en") != "en":
        raise invalid("language must be en")
    silence_s = _number(query, "max_silence_duration_secs", 0)
    whisper = query["model"].startswith("ink-whisper")
    return InkQuery(_format(query), silence_ms=silence_s * 1000 if whisper and silence_s > 0 else None)


def check_turn(turn: TurnConfig) -> None:
    """Raises CartesiaError for settings out of range or out of order."""
    for name, value, low, high in (
        ("start_threshold", turn.start_threshold, 0.5, 0.9),
        ("eager_end_threshold", turn.eager_end_threshold, 0.3, 0.6),
        ("end_threshold", turn.end_threshold, 0.05, 0.5),
        ("end_timeout_ms", turn.end_timeout_ms, 640, 11_200),
    ):
        if not low <= value <= high:
            raise invalid(f"{name} must be between {low} and {high}")
    if not turn.end_threshold < turn.eager_end_threshold < turn.start_threshold:
        raise invalid("thresholds must rise: end < eager_end < start")


def _known(query: MultiMapping[str], names: frozenset[str]) -> None:
    unknown = [name for name in query if name not in names]
    if unknown:
        raise invalid(f"unknown query parameter {unknown[0]!r}")
    keyterms = query.getall("keyterm", [])
    if len(keyterms) > _MOST_KEYTERMS or sum(map(len, keyterms)) > _KEYTERM_LETTERS:
        raise invalid("keyterm: at most 100 terms with 1200 characters in all")


def _check_model(query: MultiMapping[str], families: tuple[str, ...]) -> None:
    if not query.get("model", "").startswith(families):
        message = "The model is not valid, make sure it is a valid model ID."
        raise CartesiaError(400, "model_not_found", "Invalid model", message)


def _format(query: MultiMapping[str]) -> AudioFormat:
    encoding = query.get("encoding", "")
    if encoding not in BYTES_PER_SAMPLE or not encoding.startswith("pcm_"):
        raise invalid("encoding must be one of pcm_s16le, pcm_s32le, pcm_f16le, pcm_f32le, pcm_mulaw, pcm_alaw")
    sample_rate = int(_number(query, "sample_rate", 0))
    if not 8000 <= sample_rate <= 48_000:
        raise invalid("sample_rate must be between 8000 and 48000")
    return AudioFormat(encoding, sample_rate)


def _number(query: MultiMapping[str], name: str, default: float) -> float:
    try:
        return float(query.get(name, default))
    except ValueError:
        raise invalid(f"{name} must be a number") from None
