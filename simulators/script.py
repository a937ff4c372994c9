"""What the simulated world says: transcripts of the callers' speech, and the models' replies."""

from typing import Any, Literal

from msgspec import Struct


class Recording(Struct, frozen=True, forbid_unknown_fields=True):
    """A known recording (a whole WAV file, 16-bit mono): audio that sounds like it is transcribed with its words."""

    text: str
    wav: bytes


class SpokenTurn(Struct, frozen=True, forbid_unknown_fields=True):
    """Speech that "happens" at fixed times, whatever the audio holds.

    ``spans``: (start, end) in ms since the connection opened, in order; a gap between two is a pause within the turn.
    """

    text: str
    spans: tuple[tuple[float, float], ...]


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """One connection's turns. Time is that of the audio received so far, or of the wall clock."""

    turns: tuple[SpokenTurn, ...]
    clock: Literal["audio", "wall"] = "audio"


class ScriptedCall(Struct, frozen=True, forbid_unknown_fields=True):
    """A tool call a model makes. ``arguments`` None: sample values that satisfy the tool's schema."""

    name: str
    arguments: dict[str, Any] | str | None = None


class Reply(Struct, frozen=True, forbid_unknown_fields=True):
    """What a model answers. ``{user}`` in ``text`` stands for the last user message.

    ``{found:times.0.start}``, in ``text`` and in the arguments of calls, stands for what the newest tool result (JSON)
    that has this path says there; where none has it, it stays as it is.
    ``finish_reason`` None: the natural one (in OpenAI's words; Anthropic's are derived from it).
    """

    text: str = ""
    tool_calls: tuple[ScriptedCall, ...] = ()
    reasoning: str = ""
    finish_reason: str | None = None


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """Use ``reply`` when everything given applies.

    ``when``: a regular expression found in the last user message (case does not matter) · ``reads``: one found in
    anything the model is given, for a model that obeys whatever it reads · ``provider``: its name ·
    ``after_tool``: whether the last message is a tool's result · ``times``: at most that often.
    """

    reply: Reply
    when: str | None = None
    reads: str | None = None
    provider: str | None = None
    after_tool: bool | None = None
    times: int | None = None


DEFAULT_SENTENCES = (
    "Hi, I saw your product online and wanted to ask about it.",
    "What does it cost for a team of twenty people?",
    "We use a spreadsheet today and it is getting out of hand.",
    "Could we talk to somebody next Tuesday afternoon?",
    "That sounds good, thank you.",
)


class Script(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is said.

    ``sentences``: what the caller of each connection says, turn by turn, from the first on, over and over. ``|`` marks
    where a pause may fall: what follows it is only recognised once the caller goes on. ``""`` is noise without words;
    an empty list hears nothing. · ``recordings``: go before sentences where they match. · ``scenarios``: the n-th
    speech-to-text connection follows the n-th scenario, later ones follow their audio. · ``rules``: the first that
    applies makes the reply; else ``replies`` by the number of the user's turn, over and over; else one is made up.
    """

    sentences: tuple[str, ...] = DEFAULT_SENTENCES
    recordings: tuple[Recording, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    rules: tuple[Rule, ...] = ()
    replies: tuple[Reply, ...] = ()
