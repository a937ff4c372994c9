"""A conversation's own tools at work: each call is a task."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.rim.work import Own, Post, Work
from pipelines.tools.port import Tool, ToolContext, ToolError

log = logging.getLogger(__name__)


class ToolWork(Work):
    """``lead_id``: whose the line is, where somebody who is trusted said so."""

    def __init__(
        self,
        tools: Mapping[str, Tool],
        *,
        conversation_id: str,
        lead_id: UUID | None,
        post: Post,
        own: Own,
    ) -> None:
        super().__init__(post=post, own=own)
        self._tools = tools
        self._conversation_id = conversation_id
        self._lead_id = lead_id
        self._calls: dict[str, asyncio.Task[None]] = {}

    @property
    def running(self) -> set[asyncio.Task[None]]:
        return set(self._calls.values())

    def run(self, action: act.RunTool) -> None:
        task = self._own(self._call(action), f"tool {action.name}")
        self._calls[action.call_id] = task
        task.add_done_callback(lambda _: self._calls.pop(action.call_id, None))

    def cancel(self, action: act.CancelTool) -> None:
        if (task := self._calls.pop(action.call_id, None)) is not None:
            task.cancel()

    async def _call(self, action: act.RunTool) -> None:
        output: dict[str, Any]
        failed = True
        try:
            arguments = msgspec.json.decode(action.arguments or "{}", type=dict[str, Any])
            context = ToolContext(self._conversation_id, action.idempotency_key, self._lead_id)
            output = await self._tools[action.name].run(arguments, context)
            failed = False
        except ToolError as error:
            output = {"error": {"code": error.code, "message": str(error)}}
        except msgspec.DecodeError:
            output = {"error": {"code": "invalid_arguments", "message": "The arguments are not a JSON object."}}
        except Exception:
            log.exception("tool %s broke", action.name)
            output = {"error": {"code": "tool_error", "message": "The tool failed."}}
        self._post(facts.ToolFinished(action.call_id, msgspec.json.encode(output).decode(), failed))
