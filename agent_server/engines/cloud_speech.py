"""Makes the cloud providers of speech from the settings. A module is imported when its provider is chosen."""

from collections.abc import Awaitable, Callable, Mapping

from agent_server.settings import Settings, SettingsError
from pipelines.stt.port import SpeechToText
from pipelines.tts.port import TextToSpeech

CONVERSATION_RATE = 24_000
"""Flux gets audio as it comes: resampling would cost every call 18 us a frame, and the end of each turn 20 ms."""


async def _flux(settings: Settings) -> SpeechToText:
    from pipelines.stt.deepgram_flux import DeepgramFlux  # noqa: PLC0415

    speech = settings.speech
    key = _needed(speech.deepgram_api_key, "STT_PROVIDER=deepgram-flux", "DEEPGRAM_API_KEY")
    return DeepgramFlux(api_key=key, base_url=speech.deepgram_base_url, sample_rate=CONVERSATION_RATE)


async def _nova(settings: Settings) -> SpeechToText:
    from pipelines.stt.deepgram_nova import DeepgramNova  # noqa: PLC0415

    speech = settings.speech
    key = _needed(speech.deepgram_api_key, "STT_PROVIDER=deepgram-nova", "DEEPGRAM_API_KEY")
    return DeepgramNova(api_key=key, base_url=speech.deepgram_base_url)


async def _ink(settings: Settings) -> SpeechToText:
    from pipelines.stt.cartesia_stt import CartesiaRecognizer  # noqa: PLC0415

    speech = settings.speech
    key = _needed(speech.cartesia_api_key, "STT_PROVIDER=cartesia", "CARTESIA_API_KEY")
    return CartesiaRecognizer(api_key=key, base_url=speech.cartesia_base_url)


async def _sonic(settings: Settings) -> TextToSpeech:
    from pipelines.tts.cartesia import CartesiaSpeech  # noqa: PLC0415
    from pipelines.tts.keeping_voice import KeepingVoice  # noqa: PLC0415

    speech = settings.speech
    key = _needed(speech.cartesia_api_key, "TTS_PROVIDER=cartesia", "CARTESIA_API_KEY")
    return KeepingVoice(CartesiaSpeech(api_key=key, base_url=speech.cartesia_base_url, voice=speech.cartesia_voice_id))


def _needed(key: str | None, wanted: str, variable: str) -> str:
    if key is None:
        raise SettingsError([f"{wanted} needs {variable}."])
    return key


CLOUD_RECOGNISERS: Mapping[str, Callable[[Settings], Awaitable[SpeechToText]]] = {
    "deepgram-flux": _flux,
    "deepgram-nova": _nova,
    "cartesia": _ink,
}
CLOUD_VOICES: Mapping[str, Callable[[Settings], Awaitable[TextToSpeech]]] = {"cartesia": _sonic}
