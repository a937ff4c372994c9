"""Settings of speech recognition and of the voice."""

from pathlib import Path
from typing import Annotated, Literal

from agent_server.settings.field import Group, Key, SocketUrl, setting

SttProvider = Literal["auto", "deepgram-flux", "deepgram-nova", "cartesia", "pocketsphinx"]
TtsProvider = Literal["auto", "cartesia", "espeak"]


class SpeechSettings(Group, frozen=True, kw_only=True):
    stt_provider: Annotated[
        SttProvider, setting("STT_PROVIDER", "Recogniser; auto: Deepgram or Cartesia with its key, else embedded")
    ] = "auto"
    deepgram_api_key: Annotated[Key | None, setting("DEEPGRAM_API_KEY", "Key of Deepgram", secret=True)] = None
    deepgram_base_url: Annotated[SocketUrl, setting("DEEPGRAM_BASE_URL", "Address of Deepgram")] = (
        "wss://api.deepgram.com"
    )
    keyterms: Annotated[
        tuple[str, ...], setting("KEYTERMS", "Names and products that callers say, for recognisers in the cloud")
    ] = ()
    tts_provider: Annotated[
        TtsProvider, setting("TTS_PROVIDER", "Voice; auto: Cartesia with its key, else embedded")
    ] = "auto"
    cartesia_api_key: Annotated[Key | None, setting("CARTESIA_API_KEY", "Key of Cartesia", secret=True)] = None
    cartesia_base_url: Annotated[SocketUrl, setting("CARTESIA_BASE_URL", "Address of Cartesia")] = (
        "https://api.cartesia.ai"
    )
    speech_prices_file: Annotated[
        Path | None,
        setting("SPEECH_PRICES_FILE", "Own prices of speech, in the form of pipelines/speech_usage/prices.json"),
    ] = None
    cartesia_voice_id: Annotated[
        str | None, setting("CARTESIA_VOICE_ID", "Voice at Cartesia; unset: a neutral English one")
    ] = None
