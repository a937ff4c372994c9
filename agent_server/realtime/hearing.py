"""What a session's transcription settings and its agent's language tell the recognisers."""

from collections.abc import Sequence

from msgspec import structs

from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.session_object import SessionConfig, Transcription
from pipelines.conversation.settings import ConversationSettings
from pipelines.language.tags import primary
from pipelines.stt.keyterms import keyterms, terms_in
from pipelines.stt.port import SpeechToText, SttOptions

_PATH = "session.audio.input.transcription"


def talking(base: ConversationSettings, language: str) -> ConversationSettings:
    """What the server decides for conversations, in the agent's language."""
    hearing = structs.replace(base.hearing, languages=(primary(language),))
    return structs.replace(base, language=language, hearing=hearing)


def language_of(wanted: Transcription | None, agents: str) -> str:
    """What is talked: what the client says that is spoken, the likeliest first, else ``agents``, the agent's own."""
    return next(iter(_tags(wanted)), agents) if wanted is not None else agents


def understood(recognisers: Sequence[SpeechToText]) -> frozenset[str]:
    """By any of them."""
    return frozenset().union(*(recogniser.languages for recogniser in recognisers))


def hearing_options(wanted: Transcription | None, base: SttOptions) -> SttOptions:
    """The client's words to expect, and the operator's; the language is the client's to say."""
    if wanted is None:
        return base
    given = (wanted.keywords or (), terms_in(wanted.prompt or ""))
    return structs.replace(
        base, languages=_languages(wanted) or base.languages, keyterms=keyterms(*given, base.keyterms)
    )


def check_languages(config: SessionConfig, recognisers: Sequence[SpeechToText]) -> None:
    """Raises ProtocolError when none of them understands what the client says will be spoken."""
    wanted = config.audio.input.transcription
    languages = _languages(wanted) if wanted is not None else ()
    if any(recogniser.languages.issuperset(languages) for recogniser in recognisers):
        return
    raise ProtocolError(
        "language_not_supported",
        f"No recogniser of this server understands {' and '.join(languages)[:100]}; understood:"
        f" {', '.join(sorted(understood(recognisers)))}.",
        param=f"{_PATH}.language" if wanted is not None and wanted.language else f"{_PATH}.languages",
    )


def _languages(wanted: Transcription) -> tuple[str, ...]:
    """ISO 639-1 codes."""
    return tuple(dict.fromkeys(map(primary, _tags(wanted))))


def _tags(wanted: Transcription) -> list[str]:
    given = [wanted.language] if wanted.language else []
    return [tag for tag in [*given, *(wanted.languages or ())] if tag]
