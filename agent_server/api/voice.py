"""The voices, and text spoken by them."""

import asyncio
from functools import partial
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.realtime.hearing import understood
from agent_server.services import Services
from agent_server.web.errors import Problem
from pipelines.language.tags import LANGUAGES
from pipelines.llm.gateway.port import Attribution
from pipelines.tts.cartesia import DEFAULT_VOICE as CARTESIA_VOICE
from pipelines.tts.port import TtsOptions
from pipelines.tts.voices import DEFAULT_VOICE, VOICES
from pipelines.tts.whole_text import speak

voice = Resource("voice", "Text to speech, as callers hear it.")

MAX_TEXT_CHARS = 4000
SYNTHESIS_TIMEOUT_S = 30.0


class Voice(Struct, frozen=True):
    """`id` is what `audio.output.voice` of a session takes."""

    id: str
    provider: str
    default: bool


class Voices(Struct, frozen=True):
    items: list[Voice]
    next_cursor: str | None = None


class Language(Struct, frozen=True):
    """`code` is what `language` of an agent takes."""

    code: str
    name: str


class Languages(Struct, frozen=True):
    items: tuple[Language, ...]
    next_cursor: str | None = None


class SpeechRequest(Struct, frozen=True):
    """What to say and how. `speed` 1.0 is normal."""

    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARS)]
    voice: Annotated[str | None, Meta(description="One of the list; unset: the default")] = None
    language: Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    speed: Annotated[float, Meta(ge=0.25, le=1.5)] = 1.0


@voice.get("/api/voice/voices", scope="read", summary="List the voices")
async def list_voices(call: Call) -> Voices:
    """Of a cloud provider, which has thousands, the one it speaks with unless asked for another of its own."""
    return Voices(voices_of(call.services))


def voices_of(services: Services) -> list[Voice]:
    first, last = services.engines.voices[0].name, services.engines.voices[-1].name
    chosen = services.settings.speech.cartesia_voice_id or CARTESIA_VOICE
    cloud = [Voice(chosen, first, True)] if first == "cartesia" else []
    return [*cloud, *(Voice(name, last, name == DEFAULT_VOICE and not cloud) for name in VOICES)]


@voice.get("/api/voice/languages", scope="read", summary="List the languages an agent may talk on this server")
async def list_languages(call: Call) -> Languages:
    """Those that one of its recognisers understands; the embedded one knows English alone."""
    codes = sorted(languages_of(call.services), key=LANGUAGES.__getitem__)
    return Languages(tuple(Language(code, LANGUAGES[code]) for code in codes))


def languages_of(services: Services) -> frozenset[str]:
    """Codes of those that are both understood and spoken."""
    return understood(services.engines.recognisers) & LANGUAGES.keys()


@voice.post(
    "/api/voice/synthesize", scope="write", summary="Speak a text", produces="audio/wav", errors=(502, 503, 504)
)
async def synthesize(call: Call, body: SpeechRequest) -> web.Response:
    """A WAV file: signed 16-bit PCM, mono, at the voice's own rate. What a caller would hear for the same text."""
    services = call.services
    options = TtsOptions(voice=body.voice, language=body.language, speed=body.speed)
    given = partial(services.speech.spoke, Attribution())
    try:
        async with asyncio.timeout(SYNTHESIS_TIMEOUT_S), services.synthesis:
            speech = await speak(services.engines.voices, body.text, options, given)
    except TimeoutError:
        raise Problem(504, "voice_timeout", "The voice took too long.", retry_after_s=1.0) from None
    return web.Response(body=speech.wav, content_type="audio/wav")
