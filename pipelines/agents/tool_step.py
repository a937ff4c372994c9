"""A tool used by an agent: its deadline, its record in the ledger, and an answer or none. Steps that read what others
wrote use tools without effect alone."""

import asyncio
import logging
import math
import time
from typing import Any

from langgraph.config import get_stream_writer

from pipelines.agents.parts import AgentParts
from pipelines.agents.run import AgentRun
from pipelines.tools.port import ToolContext, ToolError
from storage.keys.secret_tokens import new_id
from storage.ledger.records import CallStatus, ToolCallRecord

log = logging.getLogger(__name__)


async def use_tool(
    run: AgentRun, parts: AgentParts, name: str, arguments: dict[str, Any], *, most_s: float = math.inf
) -> dict[str, Any] | None:
    """What the tool answers; None when it is not there, fails, or is not done in time: its own, the run's and
    ``most_s``. Raises ValueError for one with an effect."""
    answer, _ = await tool_outcome(run, parts, name, arguments, most_s=most_s)
    return answer


async def tool_outcome(
    run: AgentRun, parts: AgentParts, name: str, arguments: dict[str, Any], *, most_s: float = math.inf
) -> tuple[dict[str, Any] | None, str]:
    """The same, and why there is no answer: ``not_configured``, ``tool_timeout``, or the tool's own code."""
    tool = parts.tools.get(name)
    if tool is None:
        return None, "not_configured"
    if tool.policy.has_effect:
        raise ValueError(f"{name} has an effect")
    tell = get_stream_writer()
    tell({"kind": "tool_started", "data": {"name": name}})
    began_s = time.perf_counter()
    status, code, answer = await _answer(run, tool.run, arguments, min(tool.policy.deadline_s, most_s))
    latency_ms = (time.perf_counter() - began_s) * 1000
    tell(
        {"kind": "tool_finished", "data": {"name": name, "failed": answer is None, "latency_ms": round(latency_ms, 2)}}
    )
    parts.tracker.record(
        ToolCallRecord(
            id=new_id("tool"),
            name=name,
            execution_id=run.execution_id,
            conversation_id=run.whose.conversation_id,
            lead_id=run.whose.lead_id,
            status=status,
            latency_ms=latency_ms,
            error_code=code,
            created_at=parts.now(),
        )
    )
    return answer, code or ""


async def _answer(
    run: AgentRun, call: Any, arguments: dict[str, Any], deadline_s: float
) -> tuple[CallStatus, str | None, dict[str, Any] | None]:
    context = ToolContext(
        conversation_id=run.whose.conversation_id,
        idempotency_key=new_id("call"),
        lead_id=run.whose.lead_id,
        execution_id=run.execution_id,
    )
    try:
        async with asyncio.timeout(min(deadline_s, run.remaining_s)):
            return "success", None, await call(arguments, context)
    except TimeoutError:
        return "failed", "tool_timeout", None
    except ToolError as error:
        return "failed", error.code, None
    except Exception:
        log.exception("a tool of agent %s broke", run.agent)
        return "failed", "tool_error", None
