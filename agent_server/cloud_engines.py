"""Makes the cloud providers from the settings. A module is imported when its provider is chosen."""

from collections.abc import Awaitable, Callable, Mapping

from agent_server.settings import Settings, SettingsError
from pipelines.llm.port import LanguageModel
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

    speech = settings.speech
    key = _needed(speech.cartesia_api_key, "TTS_PROVIDER=cartesia", "CARTESIA_API_KEY")
    return CartesiaSpeech(api_key=key, base_url=speech.cartesia_base_url, voice=speech.cartesia_voice_id)


async def _cerebras(settings: Settings) -> LanguageModel:
    from pipelines.llm.openai_compatible import OpenAICompatibleModel  # noqa: PLC0415
    from pipelines.llm.profiles import CEREBRAS  # noqa: PLC0415

    models = settings.models
    return OpenAICompatibleModel(
        CEREBRAS, model=models.cerebras_model, base_url=models.cerebras_api_base, api_key=models.cerebras_api_key
    )


async def _anthropic(settings: Settings) -> LanguageModel:
    from pipelines.llm.anthropic import AnthropicModel  # noqa: PLC0415

    models = settings.models
    key = _needed(models.anthropic_api_key, "Claude", "ANTHROPIC_API_KEY")
    return AnthropicModel(api_key=key, base_url=models.anthropic_base_url)


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
CLOUD_MODELS: Mapping[str, Callable[[Settings], Awaitable[LanguageModel]]] = {
    "cerebras": _cerebras,
    "anthropic": _anthropic,
}


def conversation_models(settings: Settings) -> tuple[str, ...]:
    """The cloud models that talk with callers, the fastest first: those whose key is set."""
    keys = {"cerebras": settings.models.cerebras_api_key, "anthropic": settings.models.anthropic_api_key}
    return tuple(name for name, key in keys.items() if key)
