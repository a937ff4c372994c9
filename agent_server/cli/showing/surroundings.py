"""What the demo's server is told: its settings, and of the environment nothing that leads outside. Pure."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from pipelines.speech_usage.prices import SpeechPrice

_INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH")
"""What a program needs of its surroundings. Keys, proxies and settings of ours are none of it."""

_SIMULATED: Final = ("DEEPGRAM_", "CLOSE_", "TWILIO_")
"""Providers whose part is played on this machine. No language model is among them: the playbook leads the talk."""

ANNOUNCEMENT: Final = "This call is recorded, and a colleague may listen in; tell me if you don't want that."
POSTAL_ADDRESS: Final = "Acme Voice, 1 Example Street, Springfield"


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Of this process's environment, what the server gets."""
    return {name: environment[name] for name in _INHERITED if name in environment} | {"PYTHONUNBUFFERED": "1"}


def server_settings(simulated: Mapping[str, str], *, data_dir: Path, host: str, port: int) -> dict[str, str]:
    """By variable. ``simulated``: what points a server at the simulators."""
    ours = {name: value for name, value in simulated.items() if name.startswith(_SIMULATED)}
    return ours | {
        "HOST": host,
        "PORT": str(port),
        "DATA_DIR": str(data_dir),
        "SPEECH_PRICES_FILE": str(prices_file(data_dir)),
        "CALL_AUDIO": "announced",
        "CALL_AUDIO_ANNOUNCEMENT": ANNOUNCEMENT,
        "LIVE_LISTENING": "on",
        "PUBLIC_URL": f"http://{host}:{port}",
        "PERSON_WAIT_SECONDS": "75",
        "CAMPAIGN_POSTAL_ADDRESS": POSTAL_ADDRESS,
        "CAMPAIGN_SENDER": "Ava <sales@example.com>",
        "SOCIAL_RESEARCH": "false",
        "CALLS_PER_SECOND": "5",
        "WIDGET_SESSIONS_PER_MINUTE": "1000",
        # Everybody of the cast is let in, also while the machine is busy with the beginning.
        "MAX_LOAD_PERCENT": "100",
        "DRAIN_SECONDS": "1",
        "LOG_LEVEL": "warning",
    }


def prices_file(data_dir: Path) -> Path:
    return data_dir / "speech-prices.json"


def simulated_prices() -> bytes:
    """A recogniser that is simulated costs nothing, whatever the real one does."""
    free = SpeechPrice("deepgram-flux", "stt", source="simulated on this machine", date="2026-11")
    return msgspec.json.encode([free])
