"""Chooses and starts the providers of speech and language: cloud where a key is set, embedded always.

A provider is added by a line in its table. Its module is imported when it is chosen: a provider nobody uses costs no
time at start. Nothing heavy is imported here either, so that helper processes start early (``agent_server.startup``).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol

from agent_server.engines.cloud_speech import CLOUD_RECOGNISERS, CLOUD_VOICES
from agent_server.meetings.calendar_zone import calendar_zone
from agent_server.parts import Parts
from agent_server.settings import Settings, SettingsError, SpeechSettings
from agent_server.telemetry.components import Component, ComponentState
from pipelines.llm.port import LanguageModel
from pipelines.loading import loaded
from pipelines.stt.port import SpeechToText
from pipelines.tts.port import TextToSpeech
from pipelines.vad.port import VoiceActivity

if TYPE_CHECKING:
    from pipelines.calendar.offered import OfferedTimes
    from pipelines.conversation.rim.ports import Engines
    from pipelines.conversation.rim.speech_breakers import SpeechBreakers
    from pipelines.knowledge.taught import TaughtKnowledge
    from pipelines.llm.gateway.gateway import ModelGateway

EMBEDDED_STT = "pocketsphinx"
EMBEDDED_TTS = "espeak"
PLAYBOOK = "playbook"
SPARE_RECOGNISER_AFTER_S = 5.0
"""The start takes 0.3 s of a core, which the server's own start does not share. A call that needs it pays them late."""


class Closable(Protocol):
    async def aclose(self) -> object: ...


async def _silero(_settings: Settings) -> VoiceActivity:
    def load() -> VoiceActivity:
        from pipelines.vad.silero import SileroVoiceActivity  # noqa: PLC0415

        return SileroVoiceActivity()

    return await loaded(load)


async def _pocketsphinx(_settings: Settings) -> SpeechToText:
    from pipelines.stt.pocketsphinx import PocketsphinxRecognizer  # noqa: PLC0415

    return await PocketsphinxRecognizer.start()


async def _espeak(_settings: Settings) -> TextToSpeech:
    from pipelines.tts.espeak import EspeakSpeech  # noqa: PLC0415

    return await EspeakSpeech.start()


async def _knowledge(settings: Settings) -> "TaughtKnowledge":
    def load() -> "TaughtKnowledge":
        from pipelines.knowledge.index import load_knowledge  # noqa: PLC0415
        from pipelines.knowledge.taught import TaughtKnowledge  # noqa: PLC0415

        file = settings.process.knowledge_file
        return TaughtKnowledge(load_knowledge(file) if file is not None else None)

    return await loaded(load)


async def _playbook(
    settings: Settings, meeting_times: "OfferedTimes", knowledge: "asyncio.Task[TaughtKnowledge]"
) -> LanguageModel:
    known = await knowledge

    def load() -> LanguageModel:
        from pipelines.playbook.model import Playbook  # noqa: PLC0415

        zone = calendar_zone(settings.calendar)
        return Playbook(known, clock=lambda: datetime.now(zone), free_slots=meeting_times)

    return await loaded(load)


async def _gateway(settings: Settings, parts: Parts) -> "ModelGateway":
    from agent_server.engines.model_gateway import start_gateway  # noqa: PLC0415 - what it imports takes its time

    return await start_gateway(settings, parts)


async def _pocketsphinx_on_demand(settings: Settings) -> SpeechToText:
    """Behind a recogniser in the cloud it is started after the server, or by the first call that needs it."""
    from pipelines.engines.pocketsphinx_messages import LANGUAGES, SAMPLE_RATE  # noqa: PLC0415
    from pipelines.stt.on_demand import OnDemandRecognizer  # noqa: PLC0415

    return OnDemandRecognizer(
        partial(_pocketsphinx, settings),
        name=EMBEDDED_STT,
        sample_rate=SAMPLE_RATE,
        languages=LANGUAGES,
        continuous=False,
        guesses=True,
        warm_after_s=SPARE_RECOGNISER_AFTER_S,
    )


RECOGNISERS: Mapping[str, Callable[[Settings], Awaitable[SpeechToText]]] = {
    EMBEDDED_STT: _pocketsphinx,
    **CLOUD_RECOGNISERS,
}
VOICES: Mapping[str, Callable[[Settings], Awaitable[TextToSpeech]]] = {EMBEDDED_TTS: _espeak, **CLOUD_VOICES}


def chosen_stt(speech: SpeechSettings) -> str:
    """The recogniser's name. Raises SettingsError for one this release does not have."""
    keys = {"deepgram-flux": speech.deepgram_api_key, "cartesia": speech.cartesia_api_key}
    return _chosen("STT_PROVIDER", speech.stt_provider, keys, EMBEDDED_STT, RECOGNISERS)


def recogniser_ladder(speech: SpeechSettings) -> tuple[str, ...]:
    """The recogniser that listens, and those that take its place in a call that loses it, the embedded one last.

    Raises SettingsError for one this release does not have.
    """
    first = chosen_stt(speech)
    if first == EMBEDDED_STT:
        return (first,)
    keys = {"deepgram-flux": speech.deepgram_api_key, "cartesia": speech.cartesia_api_key}
    vendor = first.partition("-")[0]
    others = (name for name, key in keys.items() if key and not name.startswith(vendor))
    return (first, *others, EMBEDDED_STT)


def chosen_tts(speech: SpeechSettings) -> str:
    """The voice's name. Raises SettingsError for one this release does not have."""
    keys = {"cartesia": speech.cartesia_api_key}
    return _chosen("TTS_PROVIDER", speech.tts_provider, keys, EMBEDDED_TTS, VOICES)


def _chosen(
    variable: str, wanted: str, keys: Mapping[str, str | None], embedded: str, table: Mapping[str, object]
) -> str:
    """``auto``: the first provider with a key, else the embedded one."""
    if wanted == "auto":
        return next((name for name, key in keys.items() if key and name in table), embedded)
    if wanted not in table:
        raise SettingsError([f"{variable}={wanted}: this release has {', '.join(['auto', *table])}."])
    return wanted


async def start_engines(settings: Settings, parts: Parts) -> "Engines":
    """Start every engine side by side. Raises SettingsError, or what the engine that failed raised."""
    ears, tts_name = recogniser_ladder(settings.speech), chosen_tts(settings.speech)
    listeners = {**RECOGNISERS, EMBEDDED_STT: _pocketsphinx if len(ears) == 1 else _pocketsphinx_on_demand}
    voice_names = (tts_name,) if tts_name == EMBEDDED_TTS else (tts_name, EMBEDDED_TTS)
    from pipelines.calendar.offered import OfferedTimes  # noqa: PLC0415

    meeting_times = OfferedTimes()
    async with asyncio.TaskGroup() as group:
        vad = group.create_task(parts.start("silero", partial(_silero, settings), _close))
        recognisers = [
            group.create_task(parts.start(name, partial(listeners[name], settings), _close)) for name in ears
        ]
        voices = [group.create_task(parts.start(name, partial(VOICES[name], settings), _close)) for name in voice_names]
        knowledge = group.create_task(parts.start("knowledge", partial(_knowledge, settings)))
        playbook = group.create_task(
            parts.start(PLAYBOOK, partial(_playbook, settings, meeting_times, knowledge), _close)
        )
        gateway = group.create_task(parts.start("model gateway", partial(_gateway, settings, parts)))
    from pipelines.conversation.rim.ports import Engines  # noqa: PLC0415 - by now loaded beside, see startup
    from pipelines.playbook.opening_words import OpeningWords  # noqa: PLC0415

    return Engines(
        vad=vad.result(),
        recognisers=tuple(recogniser.result() for recogniser in recognisers),
        models=(*map(OpeningWords, gateway.result().ladder("conversation")), playbook.result()),
        gateway=gateway.result(),
        voices=tuple(voice.result() for voice in voices),
        meeting_times=meeting_times,
        knowledge=knowledge.result(),
    )


async def _close(part: Closable) -> None:
    await part.aclose()


def engine_components(engines: "Engines") -> tuple[Component, ...]:
    """What ``/api/health`` shows of the engines. On a ladder one working rung is enough to go on."""
    return (
        Component("voice_activity", _health_of(engines.vad)),
        Component("speech_recognition", _health_of(*engines.recognisers, breakers=engines.hearing)),
        Component("language_model", _health_of(*engines.models)),
        Component("voice", _health_of(*engines.voices, breakers=engines.speaking)),
    )


def _health_of(*rungs: object, breakers: "SpeechBreakers | None" = None) -> Callable[[], Awaitable[ComponentState]]:
    def works(rung: object) -> bool:
        is_left_alone = breakers is not None and not breakers.is_closed(str(getattr(rung, "name", "")))
        return bool(getattr(rung, "healthy", True)) and not is_left_alone

    async def check() -> ComponentState:
        working = [rung for rung in rungs if works(rung)]
        if not working:
            return ComponentState("down", _names(rungs))
        broken = [rung for rung in rungs if rung not in working]
        if broken:
            return ComponentState("degraded", f"not working: {_names(broken)}; serving: {_names(working[:1])}")
        return ComponentState("ok", _names(working[:1]))

    return check


def _names(rungs: Sequence[object]) -> str:
    return ", ".join(dict.fromkeys(str(getattr(rung, "name", type(rung).__name__)) for rung in rungs))
