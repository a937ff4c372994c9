"""The items a conversation consists of: messages, function calls and their outputs.

An assistant message keeps four texts, each a prefix of the one before it: what the model generated, what the voice
synthesised, what was sent to the caller, and what the caller heard. Context, transcripts and notes take the last.
"""

from bisect import bisect_right
from typing import Literal

from msgspec import Struct

ItemType = Literal["message", "function_call", "function_call_output"]
ItemRole = Literal["system", "user", "assistant"]
ItemStatus = Literal["in_progress", "completed", "incomplete"]
SaidBy = Literal["operator"]
PartKind = Literal["input_text", "input_audio", "output_text", "output_audio"]


class Part(Struct, frozen=True):
    """One part of a message; ``text`` is the transcript of an audio part, None while it is not known."""

    kind: PartKind
    text: str | None


class Item(Struct, frozen=True):
    """One item as it is at a moment. Changes make a new one (``msgspec.structs.replace``).

    ``parts`` hold the words of user and system messages and of assistant messages the client wrote itself. A reply
    spoken or written by this server has its words in the four texts instead, and ``spoken`` tells which of the two.
    """

    id: str
    type: ItemType
    role: ItemRole | None = None
    status: ItemStatus = "completed"
    parts: tuple[Part, ...] = ()
    spoken: bool = False
    generated: str = ""
    synthesised: str = ""
    sent: str = ""
    heard: str = ""
    audio_ms: float = 0.0
    heard_ms: float = 0.0
    word_ends: tuple[tuple[float, int], ...] = ()
    """Of each spoken word: its end in the audio (ms) and in the generated text (characters)."""
    call_id: str | None = None
    name: str | None = None
    arguments: str = ""
    output: str = ""
    own_tool: bool = False
    """A call of one of the server's own tools: kept for the model, not shown to protocol clients."""
    said_by: SaidBy | None = None
    """A person's words in the agent's voice; None: its own."""

    @property
    def words(self) -> str:
        """What this message contributes to the conversation: heard text for a reply, else its parts' text."""
        if self.role == "assistant" and not self.parts:
            return self.heard
        return "\n".join(part.text for part in self.parts if part.text)

    def words_until(self, audio_ms: float) -> str:
        """What was spoken by then. Without word times, words are taken to be evenly spread over the audio."""
        if self.word_ends:
            index = bisect_right(self.word_ends, audio_ms, key=lambda word: word[0])
            return self.generated[: self.word_ends[index - 1][1]] if index else ""
        words = (self.sent or self.heard).split(" ")
        share = min(audio_ms / self.audio_ms, 1.0) if self.audio_ms else 0.0
        return " ".join(words[: int(len(words) * share)])


def user_text(item_id: str, text: str) -> Item:
    return Item(id=item_id, type="message", role="user", parts=(Part("input_text", text),))


def user_audio(item_id: str, transcript: str | None, *, audio_ms: float = 0.0) -> Item:
    return Item(id=item_id, type="message", role="user", parts=(Part("input_audio", transcript),), audio_ms=audio_ms)
