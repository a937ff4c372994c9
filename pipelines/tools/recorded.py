"""Runs of tools in the ledger: name, outcome and time, never what was said."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from msgspec import structs

from pipelines.tools.port import Tool, ToolContext, ToolError
from storage.keys.secret_tokens import new_id
from storage.ledger.records import CallStatus, ToolCallRecord, Tracker


def recorded(tools: Mapping[str, Tool], tracker: Tracker, now: Callable[[], datetime]) -> dict[str, Tool]:
    """The same tools, each run entered. Those an agent runs are entered by the agent, under its execution."""

    def enter(tool: Tool) -> Tool:
        async def run(arguments: dict[str, Any], context: ToolContext) -> dict[str, Any]:
            if context.execution_id is not None:
                return await tool.run(arguments, context)
            began_s = time.perf_counter()
            status: CallStatus = "success"
            code: str | None = None
            try:
                return await tool.run(arguments, context)
            except asyncio.CancelledError:
                status = "cancelled"
                raise
            except ToolError as error:
                status, code = "failed", error.code
                raise
            except Exception:
                status, code = "failed", "tool_error"
                raise
            finally:
                tracker.record(
                    ToolCallRecord(
                        id=new_id("tool"),
                        name=tool.spec.name,
                        conversation_id=context.conversation_id,
                        lead_id=context.lead_id,
                        status=status,
                        latency_ms=(time.perf_counter() - began_s) * 1000,
                        error_code=code,
                        created_at=now(),
                    )
                )

        return structs.replace(tool, run=run)

    return {name: enter(tool) for name, tool in tools.items()}
