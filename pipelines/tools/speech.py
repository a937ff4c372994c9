"""``generate_voice``: a text spoken, as a file. For agents; a conversation speaks for itself."""

import base64
from functools import partial
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from pipelines.llm.gateway.port import Attribution
from pipelines.speech_usage.ledger import SpeechLedger
from pipelines.tools.arguments import Arguments, typed_tool
from pipelines.tools.port import Tool, ToolContext, ToolError, ToolPolicy
from pipelines.tts.port import TextToSpeech, TtsError, TtsOptions
from pipelines.tts.whole_text import speak

BYTES_A_SAMPLE = 2


class GenerateVoice(Arguments, frozen=True, kw_only=True):
    text: Annotated[str, Meta(description="What to say.", min_length=1, max_length=1000)]
    voice: Annotated[str, Meta(description="Name of the voice.", max_length=80)] | UnsetType = UNSET


def generate_voice(voices: tuple[TextToSpeech, ...], ledger: SpeechLedger) -> Tool:
    """Results: ``audio`` (a WAV file in base64), ``format`` and ``duration_ms``."""

    async def run(asked: GenerateVoice, context: ToolContext) -> dict[str, Any]:
        options = TtsOptions(voice=None if asked.voice is UNSET else asked.voice)
        whose = Attribution(context.conversation_id, context.lead_id, context.execution_id)
        try:
            speech = await speak(voices, asked.text, options, partial(ledger.spoke, whose))
        except TtsError as error:
            raise ToolError(error.code, "The text could not be spoken.", retryable=True) from error
        duration_ms = len(speech.pcm) / BYTES_A_SAMPLE / speech.sample_rate * 1000
        audio = base64.b64encode(speech.wav).decode()
        return {"audio": audio, "format": "wav", "duration_ms": round(duration_ms), "voice": speech.voice}

    return typed_tool(
        "generate_voice", "Speak a text and give it as an audio file.", GenerateVoice, run, ToolPolicy(deadline_s=20.0)
    )
