"""How far a call has come, in the addresses that Twilio asks next; its signature covers them. Pure."""

from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import web
from msgspec import Struct


class SoFar(Struct, frozen=True):
    """``conversation_id`` empty: no agent talked. ``streams``: of its audio that were begun. ``agent``: the slug of the
    profile that talks; empty: the default one."""

    conversation_id: str = ""
    streams: int = 0
    agent: str = ""

    @property
    def query(self) -> str:
        agent = {"agent": self.agent} if self.agent else {}
        return urlencode({"conversation": self.conversation_id, "streams": self.streams, **agent})


def so_far_of(request: web.Request) -> SoFar:
    streams = request.query.get("streams", "")
    conversation_id, agent = (request.query.get(name, "") for name in ("conversation", "agent"))
    return SoFar(conversation_id, int(streams) if streams.isdecimal() else 0, agent)


def was_connected(form: Mapping[str, str]) -> bool:
    """Whether a call that was put through came to talk (Twilio, "TwiML Dial", parameters of ``action``). Who picked up
    and pressed no key has completed a call as well; ``DialBridged`` tells."""
    if (bridged := form.get("DialBridged")) is not None:
        return bridged.lower() == "true"
    return form.get("DialCallStatus") in ("completed", "answered")


def is_over(form: Mapping[str, str]) -> bool:
    """The caller has hung up meanwhile."""
    return form.get("CallStatus") == "completed"
