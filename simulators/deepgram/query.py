"""The query strings of /v1/listen and /v2/listen: what is allowed, what it means, what is refused."""

from math import ceil

from msgspec import Struct
from multidict import MultiMapping

from simulators.audio.pcm import BYTES_PER_SAMPLE, AudioFormat

FLUX_MODELS = ("flux-general-en", "flux-general-multi")
_NOVA_FAMILIES = ("nova-3", "nova-2", "nova", "enhanced", "base", "whisper")
_FLUX_RATES = (8000, 16000, 24000, 44100, 48000)
_KEYTERM_TOKENS = 500
_LETTERS_PER_TOKEN = 4

_NOVA_NAMES = frozenset(
    "callback callback_method channels detect_entities diarize diarize_model dictation encoding endpointing extra "
    "filler_words interim_results keyterm keywords language language_hint mip_opt_out model multichannel no_delay "
    "numerals profanity_filter punctuate redact replace sample_rate search smart_format tag utterance_end_ms "
    "vad_events version".split()
)
_FLUX_NAMES = frozenset(
    "model encoding sample_rate eot_threshold eager_eot_threshold eot_timeout_ms keyterm language_hint numerals "
    "profanity_filter redact mip_opt_out tag".split()
)


class QueryError(Exception):
    """The handshake is refused with HTTP 400; the text goes into the vendor's error body."""


class FluxQuery(Struct, frozen=True):
    """``format`` None: a container. ``eager_eot_threshold`` None: no eager events."""

    model: str
    format: AudioFormat | None
    eot_threshold: float = 0.7
    eager_eot_threshold: float | None = None
    eot_timeout_ms: int = 5000
    keyterms: tuple[str, ...] = ()
    language_hints: tuple[str, ...] = ()
    numerals: bool = False


class NovaQuery(Struct, frozen=True):
    """``endpointing_ms`` and ``utterance_end_ms`` None: off."""

    model: str
    format: AudioFormat | None
    multichannel: bool = False
    interim_results: bool = False
    endpointing_ms: int | None = 10
    utterance_end_ms: int | None = None
    vad_events: bool = False
    punctuated: bool = False
    language: str = "en"
    language_hints: tuple[str, ...] = ()
    keyterms: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        return next(family for family in _NOVA_FAMILIES if self.model.startswith(family))


def takes_keyterms(model: str) -> bool:
    return model.startswith("nova-3")


def too_many_keyterms(keyterms: tuple[str, ...]) -> bool:
    """More than 500 tokens, a token being taken for four letters of a word."""
    words = (word for term in keyterms for word in term.split())
    return sum(ceil(len(word) / _LETTERS_PER_TOKEN) for word in words) > _KEYTERM_TOKENS


def check_thresholds(eot: float, eager: float | None, timeout_ms: int) -> None:
    """Raises QueryError for end-of-turn settings that Flux refuses."""
    if not 0.5 <= eot <= 1.0:
        raise QueryError("eot_threshold must be between 0.5 and 1.0")
    if eager is not None and not 0.3 <= eager <= 0.9:
        raise QueryError("eager_eot_threshold must be between 0.3 and 0.9")
    if eager is not None and eager > eot:
        raise QueryError("eager_eot_threshold must be less than or equal to eot_threshold")
    if not 500 <= timeout_ms <= 60_000:
        raise QueryError("eot_timeout_ms must be between 500 and 60000")


def parse_flux(query: MultiMapping[str]) -> FluxQuery:
    """Raises QueryError."""
    _known(query, _FLUX_NAMES)
    model = query.get("model")
    if model not in FLUX_MODELS:
        raise QueryError("missing field `model`" if model is None else _NO_SUCH_MODEL)
    parsed = FluxQuery(
        model=model,
        format=_format(query, channels=1),
        eot_threshold=_number(query, "eot_threshold", 0.7),
        eager_eot_threshold=_number(query, "eager_eot_threshold", 0.0) if "eager_eot_threshold" in query else None,
        eot_timeout_ms=_integer(query, "eot_timeout_ms", 5000),
        keyterms=tuple(query.getall("keyterm", [])),
        language_hints=tuple(query.getall("language_hint", [])),
        numerals=_flag(query, "numerals"),
    )
    check_thresholds(parsed.eot_threshold, parsed.eager_eot_threshold, parsed.eot_timeout_ms)
    if parsed.format is not None and parsed.format.sample_rate not in _FLUX_RATES:
        raise QueryError(f"sample_rate must be one of {_FLUX_RATES}")
    if parsed.language_hints and model != "flux-general-multi":
        raise QueryError("language_hint is only supported by flux-general-multi")
    if any(value not in ("numbers", "aggressive_numbers") for value in query.getall("redact", [])):
        raise QueryError("redact: expected `numbers` or `aggressive_numbers`")
    if any(len(tag) > 128 for tag in query.getall("tag", [])):
        raise QueryError("tag must have at most 128 characters")
    return parsed


def parse_nova(query: MultiMapping[str]) -> NovaQuery:
    """Raises QueryError."""
    _known(query, _NOVA_NAMES)
    model = query.get("model", "base-general")
    if not model.startswith(_NOVA_FAMILIES):
        raise QueryError(_NO_SUCH_MODEL)
    channels = _integer(query, "channels", 1)
    if channels < 1:
        raise QueryError("channels must be at least 1")
    parsed = NovaQuery(
        model=model,
        format=_format(query, channels),
        multichannel=_flag(query, "multichannel"),
        interim_results=_flag(query, "interim_results"),
        endpointing_ms=_endpointing(query),
        utterance_end_ms=_integer(query, "utterance_end_ms", 0) or None,
        vad_events=_flag(query, "vad_events"),
        punctuated=_flag(query, "punctuate") or _flag(query, "smart_format"),
        language=query.get("language", "en"),
        language_hints=tuple(query.getall("language_hint", [])),
        keyterms=tuple(query.getall("keyterm", [])),
    )
    _check_nova(parsed, query)
    return parsed


_NO_SUCH_MODEL = "No such model/language/tier combination found."


def _check_nova(parsed: NovaQuery, query: MultiMapping[str]) -> None:
    if parsed.utterance_end_ms is not None and not parsed.interim_results:
        raise QueryError("utterance_end_ms requires interim_results=true")
    if parsed.utterance_end_ms is not None and parsed.utterance_end_ms < 1000:
        raise QueryError("utterance_end_ms must be at least 1000")
    if parsed.keyterms and not takes_keyterms(parsed.model):
        raise QueryError("Keyterm Prompting is only available for Nova-3 models")
    if too_many_keyterms(parsed.keyterms):
        raise QueryError(
            f"Keyterm limit exceeded. The maximum number of tokens across all keyterms is {_KEYTERM_TOKENS}"
        )
    if "keywords" in query and takes_keyterms(parsed.model):
        raise QueryError("Keywords are not supported for Nova-3 models; use keyterm")
    if query.get("diarize_model", "latest") not in ("v1", "latest"):
        raise QueryError("diarize_model: streaming supports `v1` and `latest`")
    for name in ("no_delay", "filler_words", "numerals", "profanity_filter", "dictation", "diarize", "mip_opt_out"):
        _flag(query, name)


def _known(query: MultiMapping[str], names: frozenset[str]) -> None:
    for name in query:
        if name not in names:
            raise QueryError(f"unknown field `{name}`, expected one of {', '.join(sorted(names))}")


def _format(query: MultiMapping[str], channels: int) -> AudioFormat | None:
    encoding = query.get("encoding")
    if encoding is None:
        return None
    if encoding not in ("linear16", "linear32", "mulaw", "alaw"):
        raise QueryError(
            f"encoding `{encoding}` is not simulated; of raw audio there are linear16, linear32, mulaw, alaw"
        )
    if "sample_rate" not in query:
        raise QueryError("sample_rate is required when encoding is specified")
    sample_rate = _integer(query, "sample_rate", 0)
    if not 8000 <= sample_rate <= 48_000:
        raise QueryError("sample_rate must be between 8000 and 48000")
    assert encoding in BYTES_PER_SAMPLE
    return AudioFormat(encoding, sample_rate, channels)


def _endpointing(query: MultiMapping[str]) -> int | None:
    value = query.get("endpointing", "10")
    if value == "false":
        return None
    return 10 if value == "true" else _integer(query, "endpointing", 10)


def _flag(query: MultiMapping[str], name: str) -> bool:
    value = query.get(name, "false")
    if value not in ("true", "false"):
        raise QueryError(f"{name}: provided string was not `true` or `false`")
    return value == "true"


def _integer(query: MultiMapping[str], name: str, default: int) -> int:
    value = query.get(name)
    if value is not None and not value.isdecimal():
        raise QueryError(f"{name}: invalid digit found in string")
    return default if value is None else int(value)


def _number(query: MultiMapping[str], name: str, default: float) -> float:
    try:
        return float(query.get(name, default))
    except ValueError:
        raise QueryError(f"{name}: invalid float literal") from None
