"""What a client is told as its session begins, and as it ends. Pure."""

from typing import Final

from agent_server.hosting.line import Ending
from agent_server.hosting.opening import Opening
from agent_server.realtime.render import Event, error_event, wire_item

CONTINUED_ITEMS: Final = 200
"""How many of the latest items a client is told of when it continues; it can retrieve others by their id."""

ENDINGS: Final[dict[Ending, Event]] = {
    "taken_over": error_event("conversation_continued_elsewhere", "Another connection took over."),
    "draining": error_event("server_draining", "The server stops; continue elsewhere now.", type_="server_error"),
    "ended": error_event("conversation_ended", "This conversation was ended."),
    "failed": error_event(
        "conversation_failed", "A mistake of the server's broke it; it can be continued.", type_="server_error"
    ),
    "expired": error_event("session_expired", "The session reached its maximum length."),
}


def created_event(opening: Opening) -> Event:
    conversation = {"id": opening.conversation_id, "object": "realtime.conversation"}
    return {"type": "conversation.created", "conversation": conversation}


def resumed_event(opening: Opening) -> Event:
    shown = [item for item, _ in opening.items if not item.own_tool][-CONTINUED_ITEMS:]
    return {
        "type": "sales_agent.conversation.resumed",
        "conversation_id": opening.conversation_id,
        "items": [wire_item(item) for item in shown],
    }
