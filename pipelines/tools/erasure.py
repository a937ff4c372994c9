"""The tool by which a caller's wish to be erased reaches an operator. It erases nothing: anybody can claim to be
anybody."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from pipelines.playbook.tools import REQUEST_ERASURE, RequestErasure
from pipelines.tools.arguments import checking
from pipelines.tools.port import Tool, ToolContext, ToolError, ToolPolicy
from storage.errors import StorageError

NoteWish = Callable[[str, UUID | None], Awaitable[None]]
"""Takes the conversation in which it was said, and whose it is known to be. Raises StorageError."""

_NOTING = ToolPolicy(deadline_s=5.0, has_effect=True)


def request_erasure(note: NoteWish) -> Tool:
    async def run(_arguments: RequestErasure, context: ToolContext) -> dict[str, Any]:
        if context.conversation_id is None:
            raise ToolError("no_conversation", "This is for a conversation alone.")
        try:
            await note(context.conversation_id, context.lead_id)
        except StorageError as error:
            raise ToolError(error.code, "It could not be written down just now.", retryable=error.retryable) from error
        return {"noted": True, "next": "A person confirms that it is theirs, and then it is erased."}

    return checking(REQUEST_ERASURE, RequestErasure, run, _NOTING)
