"""How a set of simulators is configured."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from simulators.delays import Distribution, parse_delays
from simulators.errors import ConfigError
from simulators.faults import Fault, parse_faults
from simulators.script import Script


class SpeechOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """How speech is found in the audio received."""

    threshold_dbfs: float = -45.0
    """Windows of 10 ms at or above this level count as speech. Dead air of a telephone line lies near -60."""


class CartesiaOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """``max_contexts`` None: no limit. ``voices`` None: every voice id exists."""

    max_contexts: int | None = None
    voices: tuple[str, ...] | None = None
    split_samples: bool = False
    """Let chunks end in the middle of a sample, which the vendor does not rule out."""
    cancel_tail_chunks: int = 1
    """Chunks that still arrive after a cancel: they were already made."""


class ModelOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """``models`` None: every model name is served. Limits count per minute; they are enforced with a 429."""

    models: tuple[str, ...] | None = None
    requests_per_minute: int = 100_000
    tokens_per_minute: int = 1_000_000_000


class SimulatorConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole configuration. ``keys`` and ``models`` go by provider; what is missing has its default."""

    seed: int = 1
    script: Script = Script()
    delays: dict[str, Distribution] = {}
    faults: tuple[Fault, ...] = ()
    keys: dict[str, str] = {}
    speech: SpeechOptions = SpeechOptions()
    cartesia: CartesiaOptions = CartesiaOptions()
    models: dict[str, ModelOptions] = {}
    speaking_rate_wpm: float = 165.0
    """Pace of the synthetic voice and of scripted transcripts, in words a minute."""
    reply_words: int = 22
    """Least length of replies that are made up, in whole sentences: about 8 s of speech."""


def parse_config(document: bytes | str, *, delays: str = "", faults: str = "") -> SimulatorConfig:
    """Read a JSON document, then lay the two command-line switches over it. Raises ConfigError."""
    try:
        config = msgspec.json.decode(document or b"{}", type=SimulatorConfig)
    except msgspec.MsgspecError as error:
        raise ConfigError(f"configuration: {error}") from None
    return msgspec.structs.replace(
        config, delays={**config.delays, **parse_delays(delays)}, faults=config.faults + parse_faults(faults)
    )


def load_config(path: Path | None, *, delays: str = "", faults: str = "") -> SimulatorConfig:
    """As ``parse_config``, from a file; None: defaults. Raises ConfigError, OSError."""
    return parse_config(path.read_bytes() if path else b"", delays=delays, faults=faults)


def updated_script(script: Script, fields: dict[str, Any]) -> Script:
    """The script with the given fields replaced by plain data. Raises ConfigError."""
    try:
        changed = msgspec.convert(fields, Script)
    except msgspec.ValidationError as error:
        raise ConfigError(f"script: {error}") from None
    return msgspec.structs.replace(script, **{name: getattr(changed, name) for name in fields})
