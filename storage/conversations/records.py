"""What conversations leave behind, as plain values.

All times are timezone-aware UTC datetimes. Durations carry their unit in the name. Records are values: nobody changes
one after building it (``msgspec.structs.replace`` makes the next state), least of all the dicts and lists inside.
"""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from msgspec import Struct

from storage.leads.after_outcomes import OutcomeKind

RECORDING_URL: Final = "recording_url"
"""In a conversation's metadata: where its sound can be listened to, if it was recorded."""

BY_VISITOR: Final = "visitor"
"""In a conversation's metadata: it was begun through the widget's open door, by nobody who holds a key."""

Channel = Literal["websocket", "webrtc", "phone", "widget", "api", "terminal"]
ConversationStatus = Literal["open", "closed", "dropped", "failed"]
"""``closed``: ended by either side. ``dropped``: the line or the process went away and nobody came back. ``failed``: a
mistake of ours broke it off."""
ItemType = Literal["message", "function_call", "function_call_output"]
ItemStatus = Literal["in_progress", "completed", "incomplete"]
Role = Literal["system", "user", "assistant"]
Modality = Literal["audio", "text"]
SaidBy = Literal["operator"]


class ConversationSummary(Struct, frozen=True, kw_only=True):
    """What is known of a conversation without the session, whose instructions and tools can be long. ``agent``: the
    slug of the profile that talks; None: from before there were any."""

    id: str
    channel: Channel
    status: ConversationStatus = "open"
    lead_id: UUID | None = None
    metadata: dict[str, Any] = {}
    agent: str | None = None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None


class ListedConversation(ConversationSummary, frozen=True, kw_only=True):
    """With what tells a conversation from the next: its lead's company and person, how the caller began, how many
    replies were given, and what it led to (each kind once, the first first)."""

    company_name: str | None = None
    contact_name: str | None = None
    first_words: str | None = None
    turns: int = 0
    outcomes: tuple[OutcomeKind, ...] = ()


class ConversationRecord(ConversationSummary, frozen=True, kw_only=True):
    """One conversation. ``session`` is the last effective session object of the realtime protocol."""

    session: dict[str, Any] = {}


class ItemRecord(Struct, frozen=True, kw_only=True):
    """The whole state of one conversation item at ``updated_at``.

    ``position`` orders the items of a conversation; an insert takes the midpoint of its neighbours. ``content`` is the
    item's content as the client gave it, without audio. An assistant item keeps four texts: what the model generated,
    what the voice turned into speech, what was sent to the caller, and what the caller heard. For what the caller
    said or typed, ``heard_text`` is what the agent understood. ``audio_ms`` is the length of the item's audio,
    ``heard_ms`` how much of it was played. ``word_ends``: for each word of a spoken reply, where it ends in the audio
    (ms) and in the generated text (characters). ``own_tool``: a call of the server's own tools, or its result.
    ``said_by``: whose words in the agent's voice they are; None: its own.
    """

    id: str
    position: float
    type: ItemType = "message"
    role: Role | None = None
    status: ItemStatus = "completed"
    channel: Channel | None = None
    modality: Modality | None = None
    content: list[Any] = []
    generated_text: str = ""
    synthesised_text: str = ""
    sent_text: str = ""
    heard_text: str = ""
    audio_ms: float | None = None
    heard_ms: float | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None
    output: str | None = None
    intent: str | None = None
    intent_confidence: float | None = None
    word_ends: list[tuple[float, int]] = []
    own_tool: bool = False
    said_by: SaidBy | None = None
    deleted: bool = False
    created_at: datetime
    updated_at: datetime


class TurnRecord(Struct, frozen=True, kw_only=True):
    """The figures of one turn. ``item_id`` is the assistant's reply; ``timings`` holds the other figures by name."""

    item_id: str
    response_latency_ms: float | None = None
    timings: dict[str, Any] = {}
    created_at: datetime


class ConversationHistory(Struct, frozen=True, kw_only=True):
    """A conversation with its items by position and its turns by time. ``older_from``: the first position of all, where
    there are older items than these; None: these are all."""

    conversation: ConversationRecord
    items: tuple[ItemRecord, ...]
    turns: tuple[TurnRecord, ...] = ()
    older_from: float | None = None


class ApiKeyRecord(Struct, frozen=True, kw_only=True):
    """An API key as lists show it: ``prefix`` is enough to recognise it and too little to use it."""

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def allows(self, scope: str) -> bool:
        """Whether the key carries ``scope``; ``*`` carries every scope."""
        return "*" in self.scopes or scope in self.scopes


class IssuedApiKey(Struct, frozen=True, kw_only=True):
    """A key just made. ``key`` is the only time the plain key is seen."""

    key: str
    record: ApiKeyRecord


class ClientSecretRecord(Struct, frozen=True, kw_only=True):
    """A short-lived secret a browser opens sessions with. ``session`` is what those sessions start from; ``lead_id`` or
    ``calls_from``, a number or an e-mail address, is who talks in them; ``agent``, a profile's slug, with whom."""

    session: dict[str, Any]
    expires_at: datetime
    api_key_id: str | None = None
    lead_id: UUID | None = None
    calls_from: str | None = None
    agent: str | None = None


class IssuedClientSecret(Struct, frozen=True, kw_only=True):
    """A secret just minted. ``value`` is the only time it is seen."""

    value: str
    record: ClientSecretRecord
