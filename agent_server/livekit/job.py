"""What LiveKit asks of a worker, and whose call it turns out to be. Pure."""

import hmac
import re
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

_NUMBER_OF = "sip.phoneNumber"
_STATUS_OF = "sip.callStatus"
_CALL_OF = "sip.callID"
_DIALLED = "sip.trunkPhoneNumber"
_CONVERSATION = re.compile(r"[!-~]{8,200}")


class Job(Struct, frozen=True):
    """One room to talk in. ``metadata``: of the dispatch and of the room; ``url`` and ``token``: the way in."""

    id: str
    room: str
    room_sid: str
    metadata: str
    room_metadata: str
    url: str
    token: str


class Caller(Struct, frozen=True):
    """Whom the agent talks with. ``is_phone``: they came by SIP."""

    identity: str
    is_phone: bool = False
    attributes: Mapping[str, str] = {}

    @property
    def number(self) -> str | None:
        """None: it is withheld, or they do not call by telephone."""
        return (self.attributes.get(_NUMBER_OF) or None) if self.is_phone else None

    @property
    def dialled(self) -> str | None:
        """The number they called; None: it is not told, or they do not call by telephone."""
        return (self.attributes.get(_DIALLED) or None) if self.is_phone else None

    @property
    def call_id(self) -> str:
        """Of the telephone call, where there is one."""
        return self.attributes.get(_CALL_OF, "") if self.is_phone else ""

    @property
    def has_answered(self) -> bool:
        """Somebody who is being called hears nothing before they answer."""
        return not self.is_phone or self.attributes.get(_STATUS_OF, "active") == "active"


def conversation_of(job: Job, secret: str) -> str:
    """The conversation that belongs to the room: the same for every worker that is given it, and as hard to guess as
    any id. A room that is opened again under the same name has another."""
    mac = hmac.digest(secret.encode(), f"conversation {job.room_sid or job.room}".encode(), "sha256")
    return f"conv_{mac.hex()[:24]}"


def wanted_conversation(job: Job) -> str | None:
    """The conversation that whoever holds the keys of LiveKit wants to be continued: ``conversation`` in the JSON of
    the dispatch's metadata, or of the room's."""
    return next((wanted for wanted in _named(job, "conversation") if _CONVERSATION.fullmatch(wanted)), None)


def wanted_agent(job: Job) -> str | None:
    """The slug of the profile that is to talk: ``agent`` in the same places."""
    return next(_named(job, "agent"), None)


def _named(job: Job, name: str) -> Iterator[str]:
    """The dispatch's goes before the room's."""
    for text in (job.metadata, job.room_metadata):
        try:
            given = msgspec.json.decode(text or "null")
        except (msgspec.DecodeError, RecursionError):
            continue
        wanted = given.get(name) if isinstance(given, dict) else None
        if isinstance(wanted, str) and wanted:
            yield wanted
