"""Items as clients write them, turned into the conversation's."""

from collections.abc import Iterable

from msgspec import Struct

from agent_server.realtime.client_events import ContentPart, ItemInput
from agent_server.realtime.errors import ProtocolError
from pipelines.conversation.items import Item, Part

MAX_TEXT = 64_000
"""Characters of one item."""

MAX_PARTS = 64
MAX_INPUT_ITEMS = 500
"""Of one response."""

MAX_ID = 128


class GivenItem(Struct, frozen=True):
    """An item to be added; ``audio`` is a recording whose words are to be found."""

    item: Item
    audio: bytes | None = None


def given_item(given: ItemInput, path: str = "item") -> GivenItem:
    """Check and convert one item; an empty id means the server is to choose. Raises ProtocolError."""
    item_id = given.id or ""
    if len(item_id) > MAX_ID:
        raise ProtocolError("invalid_value", f"Ids have at most {MAX_ID} characters.", param=f"{path}.id")
    if given.type == "message":
        return _message(given, item_id, path)
    if given.type == "item_reference":
        raise ProtocolError("invalid_value", "A reference cannot be added to a conversation.", param=f"{path}.type")
    call_id = _required(given.call_id, f"{path}.call_id")
    if given.type == "function_call":
        name = _required(given.name, f"{path}.name")
        arguments = _bounded(given.arguments or "{}", f"{path}.arguments")
        return GivenItem(Item(id=item_id, type="function_call", call_id=call_id, name=name, arguments=arguments))
    output = _bounded(_required(given.output, f"{path}.output"), f"{path}.output")
    return GivenItem(Item(id=item_id, type="function_call_output", call_id=call_id, output=output))


def response_input(given: list[ItemInput]) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """The ``input`` of a response: its items, and the ids of those that are references. Raises ProtocolError."""
    if len(given) > MAX_INPUT_ITEMS:
        raise ProtocolError("invalid_value", f"At most {MAX_INPUT_ITEMS} items are taken.", param="response.input")
    items: list[Item] = []
    references: list[str] = []
    for index, entry in enumerate(given):
        path = f"response.input[{index}]"
        if entry.type == "item_reference":
            item_id = _required(entry.id, f"{path}.id")
            references.append(item_id)
            items.append(Item(id=item_id, type="message"))
            continue
        converted = given_item(entry, path)
        if converted.audio is not None:
            raise ProtocolError(
                "unsupported_content_type", "A response's own input takes text, not audio.", param=f"{path}.content"
            )
        items.append(converted.item)
    return tuple(items), tuple(references)


def check_visitors_items(items: Iterable[Item], param: str) -> None:
    """Raises ProtocolError when a visitor of a page wants to say more than what they say themselves: to give orders, to
    speak for the agent, or to tell what a tool found."""
    if any(item.role != "user" for item in items):
        raise ProtocolError("insufficient_permissions", "Visitors may add messages of the user alone.", param=param)


def _message(given: ItemInput, item_id: str, path: str) -> GivenItem:
    role = _required(given.role, f"{path}.role")
    if not given.content:
        raise ProtocolError("missing_required_parameter", "A message needs content.", param=f"{path}.content")
    if len(given.content) > MAX_PARTS:
        raise ProtocolError("invalid_value", f"A message has at most {MAX_PARTS} parts.", param=f"{path}.content")
    recordings = [part.audio for part in given.content if part.type == "input_audio" and part.audio]
    if len(recordings) > 1:
        raise ProtocolError("invalid_value", "A message takes one audio part.", param=f"{path}.content")
    parts = tuple(_part(part, role, f"{path}.content[{index}]") for index, part in enumerate(given.content))
    _bounded("".join(part.text or "" for part in parts), f"{path}.content")
    item = Item(id=item_id, type="message", role=given.role, parts=parts)
    return GivenItem(item, recordings[0] if recordings else None)


def _part(part: ContentPart, role: str, path: str) -> Part:
    if part.type == "input_image":
        raise ProtocolError("unsupported_content_type", "Images are not supported.", param=f"{path}.type")
    wanted = "output_text" if role == "assistant" else "input_text"
    if part.type in (wanted, "text"):
        return Part("output_text" if role == "assistant" else "input_text", _text(part.text, f"{path}.text"))
    if part.type == "input_audio" and role == "user":
        if part.audio is None and part.transcript is None:
            raise ProtocolError("missing_required_parameter", "Audio content needs audio.", param=f"{path}.audio")
        return Part("input_audio", None if part.audio else _text(part.transcript, f"{path}.transcript"))
    raise ProtocolError(
        "invalid_value", f"Messages of the {role} cannot contain {part.type!r} content.", param=f"{path}.type"
    )


def _text(text: str | None, path: str) -> str:
    return _bounded(_required(text, path), path)


def _required(value: str | None, path: str) -> str:
    if value is None:
        raise ProtocolError("missing_required_parameter", f"Missing required field {path!r}.", param=path)
    return value


def _bounded(text: str, path: str) -> str:
    if len(text) > MAX_TEXT:
        raise ProtocolError("string_above_max_length", f"At most {MAX_TEXT} characters are taken.", param=path)
    return text
