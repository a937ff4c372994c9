"""Reads the settings. The only place of the product that looks at the environment or at ``.env``.

What the command line says wins over the environment, that over ``.env``, that over the defaults. An empty value is the
same as none. Values in ``.env`` are taken as they are written: ``$NAME`` in them is not replaced.
"""

import difflib
import os
from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Literal

import msgspec
from dotenv.parser import parse_stream
from msgspec import Struct

from agent_server.settings.agents import AgentSettings
from agent_server.settings.calendar import CalendarSettings
from agent_server.settings.call_audio import CallAudioSettings
from agent_server.settings.campaigns import CampaignSettings
from agent_server.settings.crm import CrmSettings
from agent_server.settings.deadlines import DeadlineSettings
from agent_server.settings.field import Field, Group, allowed_values, convert, fields_of
from agent_server.settings.half_set import half_set
from agent_server.settings.models import ModelSettings
from agent_server.settings.privacy import PrivacySettings
from agent_server.settings.process import ProcessSettings
from agent_server.settings.speech import SpeechSettings
from agent_server.settings.telemetry import TelemetrySettings
from agent_server.settings.telephony import TelephonySettings
from agent_server.settings.webhooks import WebhookSettings
from agent_server.settings.webrtc import WebRtcSettings
from agent_server.telephony.outbound.hours import read_calling_hours
from pipelines.calendar.rules import read_hours, read_zone

Source = Literal["default", ".env", "environment", "command line"]

ENV_FILE = Path(".env")
COMPOSE_ALONE = frozenset(
    {"POSTGRES_PASSWORD", "VALKEY_PASSWORD", "PUBLISHED_ADDRESS", "PUBLISHED_PORT", "WORKERS", "SERVER_MEMORY"}
)
"""What ``compose.yaml`` reads of the same ``.env``."""
_SHORT_KEY_CHARS = 16
_CLOSE_MATCH = 0.85
"""Of difflib's ratio: one or two letters of a name. Tells DEEPGRAM_API_KEI from OPENAI_API_KEY."""


class SettingsError(Exception):
    """Settings that cannot be used. ``problems``: one sentence each, naming the variable, never a secret's value."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Settings(Struct, frozen=True, kw_only=True):
    """Every setting. ``sources``: where the variables that are set come from; ``warnings``: to be shown at start."""

    process: ProcessSettings = ProcessSettings()
    speech: SpeechSettings = SpeechSettings()
    models: ModelSettings = ModelSettings()
    deadlines: DeadlineSettings = DeadlineSettings()
    crm: CrmSettings = CrmSettings()
    agents: AgentSettings = AgentSettings()
    calendar: CalendarSettings = CalendarSettings()
    campaigns: CampaignSettings = CampaignSettings()
    telephony: TelephonySettings = TelephonySettings()
    webrtc: WebRtcSettings = WebRtcSettings()
    call_audio: CallAudioSettings = CallAudioSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    privacy: PrivacySettings = PrivacySettings()
    webhooks: WebhookSettings = WebhookSettings()
    sources: Mapping[str, Source] = {}
    warnings: tuple[str, ...] = ()


GROUPS: Mapping[str, type[Group]] = {
    "process": ProcessSettings,
    "speech": SpeechSettings,
    "models": ModelSettings,
    "deadlines": DeadlineSettings,
    "crm": CrmSettings,
    "agents": AgentSettings,
    "calendar": CalendarSettings,
    "campaigns": CampaignSettings,
    "telephony": TelephonySettings,
    "webrtc": WebRtcSettings,
    "call_audio": CallAudioSettings,
    "telemetry": TelemetrySettings,
    "privacy": PrivacySettings,
    "webhooks": WebhookSettings,
}
FIELDS: Mapping[str, tuple[Field, ...]] = {theme: fields_of(group) for theme, group in GROUPS.items()}
_KNOWN = frozenset(field.variable for fields in FIELDS.values() for field in fields)
_FAMILIES = frozenset(
    field.variable.partition("_")[0] for theme, fields in FIELDS.items() if theme != "process" for field in fields
) | {"SALES"}


def load_settings(overrides: Mapping[str, str] | None = None, env_file: Path = ENV_FILE) -> Settings:
    """The settings of this process; ``overrides`` by variable, from the command line. Raises SettingsError."""
    return read_settings(os.environ, read_env_file(env_file), overrides or {})


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a ``.env`` file, none when there is no such file. Raises SettingsError."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path} cannot be read: it is no text in UTF-8."]) from error
    except OSError as error:
        raise SettingsError([f"{path} cannot be read: {error.strerror}."]) from error
    broken = [str(binding.original.line) for binding in bindings if binding.error]
    if broken:
        raise SettingsError([f"{path}: line {line} is not of the form NAME=value." for line in broken])
    return {binding.key: binding.value or "" for binding in bindings if binding.key}


def read_settings(
    environment: Mapping[str, str], env_file: Mapping[str, str], overrides: Mapping[str, str]
) -> Settings:
    """The settings from these variables. Raises SettingsError with everything that is wrong at once."""
    problems, warnings = _misspelt(environment, env_file)
    sources: dict[str, Source] = {}
    groups: dict[str, Any] = {}
    for theme, fields in FIELDS.items():
        values: dict[str, Any] = {}
        for field in fields:
            source, text = _given(field.variable, environment, env_file, overrides)
            if source == "default":
                continue
            sources[field.variable] = source
            try:
                values[field.attribute] = convert(text, field.type)
            except (ValueError, msgspec.ValidationError):
                problems.append(_invalid(field, text, source))
        groups[theme] = GROUPS[theme](**values)
    if problems:
        raise SettingsError(problems)
    key = groups["process"].api_key
    if key is not None and len(key) < _SHORT_KEY_CHARS:
        warnings.append(f"SALES_AGENT_API_KEY has {len(key)} characters; one of {_SHORT_KEY_CHARS} is hard to guess.")
    warnings += half_set(sources.__contains__)
    settings = Settings(**groups, sources=sources, warnings=tuple(warnings))
    if conflicts := _conflicts(settings):
        raise SettingsError(conflicts)
    return settings


def _given(
    variable: str, environment: Mapping[str, str], env_file: Mapping[str, str], overrides: Mapping[str, str]
) -> tuple[Source, str]:
    places: tuple[tuple[Source, Mapping[str, str]], ...] = (
        ("command line", overrides),
        ("environment", environment),
        (".env", env_file),
    )
    for source, values in places:
        if text := values.get(variable, "").strip():
            return source, text
    return "default", ""


def _invalid(field: Field, text: str, source: Source) -> str:
    shown = "this value" if field.secret else repr(text[:80])
    return f"{field.variable} ({source}): {shown} is not {allowed_values(field.type)}."


def _misspelt(environment: Mapping[str, str], env_file: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Names that look like ours. ``.env`` is ours, so they are errors there; the environment belongs to everybody."""
    problems, warnings = [], []
    for name in env_file:
        if name in _KNOWN or name in COMPOSE_ALONE:
            continue
        nearest = _nearest(name)
        if nearest or name.partition("_")[0] in _FAMILIES:
            hint = f"; did you mean {nearest}?" if nearest else "; `sales-agent settings` lists them all."
            problems.append(f"{name} (.env) is not a setting{hint}")
        else:
            warnings.append(f"{name} (.env) is not a setting and has no effect.")
    warnings += [
        f"{name} (environment) is not a setting; did you mean {nearest}?"
        for name in environment
        if name not in _KNOWN and name not in env_file and (nearest := _nearest(name))
    ]
    return problems, warnings


def _nearest(name: str) -> str | None:
    matches = difflib.get_close_matches(name.upper(), _KNOWN, n=1, cutoff=_CLOSE_MATCH)
    return matches[0] if matches else None


def _conflicts(settings: Settings) -> list[str]:
    """Settings that are right one by one and not together."""
    speech, models, process = settings.speech, settings.models, settings.process
    found = []
    if speech.stt_provider.startswith("deepgram") and not speech.deepgram_api_key:
        found.append(f"STT_PROVIDER={speech.stt_provider} needs DEEPGRAM_API_KEY.")
    if speech.stt_provider == "cartesia" and not speech.cartesia_api_key:
        found.append("STT_PROVIDER=cartesia needs CARTESIA_API_KEY.")
    if speech.tts_provider == "cartesia" and not speech.cartesia_api_key:
        found.append("TTS_PROVIDER=cartesia needs CARTESIA_API_KEY.")
    if models.langsmith_tracing and not models.langsmith_api_key:
        found.append("LANGSMITH_TRACING needs LANGSMITH_API_KEY.")
    if process.knowledge_file is not None and not process.knowledge_file.is_file():
        found.append(f"KNOWLEDGE_FILE: there is no file {process.knowledge_file}.")
    if speech.speech_prices_file is not None and not speech.speech_prices_file.is_file():
        found.append(f"SPEECH_PRICES_FILE: there is no file {speech.speech_prices_file}.")
    if models.prices_file is not None and not models.prices_file.is_file():
        found.append(f"PRICES_FILE: there is no file {models.prices_file}.")
    found += _calendar_problems(settings.calendar)
    found += _webrtc_problems(settings.webrtc)
    found += _call_audio_problems(settings)
    try:
        read_hours(settings.campaigns.hours)
    except ValueError as error:
        found.append(f"CAMPAIGN_HOURS: {error}.")
    try:
        read_calling_hours(settings.telephony.calling_hours)
    except ValueError as error:
        found.append(f"CALLING_HOURS: {error}.")
    found += [
        f"TRUSTED_PROXIES: {entry} is not an address or network such as 10.0.0.0/8."
        for entry in process.trusted_proxies
        if not _is_network(entry)
    ]
    return found


def _calendar_problems(calendar: CalendarSettings) -> list[str]:
    found = []
    try:
        read_hours(calendar.calendar_hours)
    except ValueError as error:
        found.append(f"CALENDAR_HOURS: {error}.")
    if calendar.calendar_time_zone is not None:
        try:
            read_zone(calendar.calendar_time_zone)
        except ValueError as error:
            found.append(f"CALENDAR_TIME_ZONE: {error}.")
    if calendar.smtp_url is not None and calendar.invitation_from is None:
        found.append("SMTP_URL needs INVITATION_FROM, the address invitations come from.")
    return found


def _call_audio_problems(settings: Settings) -> list[str]:
    audio, found = settings.call_audio, []
    if audio.store is not None and (audio.s3_access_key_id is None or audio.s3_secret_access_key is None):
        found.append("CALL_AUDIO_STORE needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.")
    if audio.links and settings.process.public_url is None:
        found.append("CALL_AUDIO_LINKS needs PUBLIC_URL, where the links lead.")
    return found


def _webrtc_problems(webrtc: WebRtcSettings) -> list[str]:
    found = [
        f"{name}: {address} is no IP address."
        for name, addresses in (
            ("WEBRTC_ADDRESSES", webrtc.addresses),
            ("WEBRTC_PUBLIC_ADDRESSES", webrtc.public_addresses),
        )
        for address in addresses
        if not _is_address(address)
    ]
    if webrtc.ports is not None:
        first, last = map(int, webrtc.ports.split("-"))
        if not 1024 <= first <= last <= 65535:
            found.append(f"WEBRTC_PORTS: {webrtc.ports} is no range from 1024 to 65535.")
    turns = any(url.startswith("turn") for url in webrtc.ice_servers)
    if turns and (webrtc.turn_username is None or webrtc.turn_password is None):
        found.append("A TURN server in WEBRTC_ICE_SERVERS needs WEBRTC_TURN_USERNAME and WEBRTC_TURN_PASSWORD.")
    return found


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True
