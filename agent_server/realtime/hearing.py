"""What a session's transcription settings tell the recognisers."""

from collections.abc import Sequence

from msgspec import structs

from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.session_object import SessionConfig, Transcription
from pipelines.stt.keyterms import keyterms, terms_in
from pipelines.stt.port import SpeechToText, SttOptions

_PATH = "session.audio.input.transcription"


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
    understood = ", ".join(sorted(frozenset().union(*(recogniser.languages for recogniser in recognisers))))
    raise ProtocolError(
        "language_not_supported",
        f"No recogniser of this server understands {' and '.join(languages)[:100]}; understood: {understood}.",
        param=f"{_PATH}.language" if wanted is not None and wanted.language else f"{_PATH}.languages",
    )


def _languages(wanted: Transcription) -> tuple[str, ...]:
    """ISO 639-1 codes: of ``en-US`` the first part, which is all that recognisers have in common."""
    given = [wanted.language] if wanted.language else []
    tags = [*given, *(wanted.languages or ())]
    return tuple(dict.fromkeys(tag.partition("-")[0].lower() for tag in tags if tag))
