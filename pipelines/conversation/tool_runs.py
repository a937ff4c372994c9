"""The server's own tools at work: each run is bounded in time, has one effect, and outlives the reply that asked.

When a reply ends before its tools do, each tool's policy says what becomes of it: ``cancel`` stops it, ``finish`` lets
it run and keeps the result for whoever asks next, ``background`` also makes the result news, to be brought up at the
next natural moment. A call that was running when a process died is run again under the key it had.
"""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from pipelines.conversation import actions as act
from pipelines.conversation.history import History
from pipelines.conversation.items import Item
from pipelines.conversation.settings import ConversationSettings, OwnTool

NEWS_ATTEMPTS = 3
"""How often a result is brought up before it counts as told: each time the caller broke in."""


class ToolRun(Struct):
    """``reply_id`` None: nobody waits for it any more."""

    call: Item
    tool: OwnTool
    key: str
    started_ms: float
    reply_id: str | None
    filler_said: bool = False
    is_news: bool = False
    late_ms: float = 0.0
    """Time in which its answer could not have been noticed."""

    @property
    def call_id(self) -> str:
        return self.call.call_id or ""

    @property
    def deadline_ms(self) -> float:
        return self.started_ms + self.tool.policy.deadline_s * 1000 + self.late_ms


class ToolRuns:
    """The runs of one conversation. ``remember`` records an item that is in the history."""

    def __init__(
        self,
        history: History,
        *,
        remember: Callable[[Item], None],
        new_id: Callable[[str], str],
        tell: Callable[[act.Action], None],
    ) -> None:
        self.news: dict[str, int] = {}
        """Calls whose results the caller has not been told, with the attempts so far."""
        self._history = history
        self._remember = remember
        self._new_id = new_id
        self._tell = tell
        self._runs: dict[str, ToolRun] = {}
        self._unused: dict[str, list[str]] = {}
        """Of each reply: background calls that ended while it waited for others, so that no model knows the results."""

    @property
    def running_ids(self) -> frozenset[str]:
        return frozenset(self._runs)

    def of(self, reply_id: str) -> list[ToolRun]:
        """Those a reply waits for."""
        return [run for run in self._runs.values() if run.reply_id == reply_id]

    def start(self, call: Item, tool: OwnTool, reply_id: str, *, key: str | None, now_ms: float) -> None:
        """Run a call of a confirmed turn. ``key``: of an identical call before it; None: its own."""
        key = key or self._key_of_same(call) or call.id
        self._join(call)
        self._run(ToolRun(call=call, tool=tool, key=key, started_ms=now_ms, reply_id=reply_id))

    def refuse(self, call: Item, code: str, message: str) -> None:
        """A call that cannot be run: the model is told why."""
        self._join(call)
        self._answer(call, _error(code, message))
        self._tell(act.ToolEnded(call.call_id or "", call.name or "", failed=True, latency_ms=0.0))

    def finished(self, call_id: str, output: str, *, failed: bool, now_ms: float) -> ToolRun | None:
        """Note a result; None: nobody knows of the call, it was given up or stopped."""
        run = self._runs.pop(call_id, None)
        if run is None:
            return None
        self._answer(run.call, output)
        self._tell(act.ToolEnded(call_id, run.call.name or "", failed, latency_ms=now_ms - run.started_ms))
        if run.is_news:
            self.news[call_id] = 0
        elif run.reply_id is not None and run.tool.policy.on_interruption == "background":
            self._unused.setdefault(run.reply_id, []).append(call_id)
        return run

    def came_late(self, name: str, output: str) -> None:
        """What a call that was answered led to at last: kept as a call with its output, and brought up as news."""
        call = Item(
            id=self._new_id("item"),
            type="function_call",
            call_id=self._new_id("call"),
            name=name,
            arguments="{}",
            own_tool=True,
        )
        self._join(call)
        self._answer(call, output)
        self.news[call.call_id or ""] = 0

    def give_up_late(self, now_ms: float) -> list[ToolRun]:
        """Stop the tools past their deadline."""
        late = [run for run in self._runs.values() if now_ms >= run.deadline_ms]
        for run in late:
            self._stop(run, "tool_timeout", "The tool did not answer in time.", now_ms)
        return late

    def used(self, reply_id: str) -> None:
        """The reply's model was given the results so far."""
        self._unused.pop(reply_id, None)

    def delayed(self, by_ms: float) -> None:
        for run in self._runs.values():
            run.late_ms += by_ms

    def leave(self, reply_id: str, now_ms: float) -> None:
        """A reply ends without waiting for its tools."""
        self.news.update(dict.fromkeys(self._unused.pop(reply_id, ()), 0))
        for run in self.of(reply_id):
            run.reply_id = None
            if run.tool.policy.on_interruption == "cancel":
                self._stop(run, "tool_cancelled", "The caller broke in and it was stopped.", now_ms)
            else:
                run.is_news = run.tool.policy.on_interruption == "background"

    def resume(self, settings: ConversationSettings) -> None:
        """A conversation is continued: run again what was running, under the same key. Its results are news."""
        answered = {item.call_id for item in self._history if item.type == "function_call_output"}
        for item in list(self._history):
            if item.type != "function_call" or not item.own_tool or item.call_id in answered:
                continue
            tool = settings.own_tool(item.name or "")
            if tool is None or tool.policy.on_interruption == "cancel":
                self._answer(item, _error("tool_cancelled", "The line broke and it was stopped."))
            else:
                self._run(ToolRun(call=item, tool=tool, key=item.id, started_ms=0.0, reply_id=None, is_news=True))

    def told(self, call_ids: frozenset[str], *, whole: bool) -> None:
        """A reply that knew these results ended; ``whole``: the caller did not break in."""
        for call_id in call_ids & self.news.keys():
            self.news[call_id] += 1
            if whole or self.news[call_id] >= NEWS_ATTEMPTS:
                del self.news[call_id]

    def wake_ms(self) -> float | None:
        return min(run.deadline_ms for run in self._runs.values()) if self._runs else None

    def _run(self, run: ToolRun) -> None:
        self._runs[run.call_id] = run
        name = run.call.name or ""
        self._tell(act.ToolStarted(run.call_id, name))
        self._tell(act.RunTool(run.call_id, name, run.call.arguments, idempotency_key=run.key))

    def _stop(self, run: ToolRun, code: str, message: str, now_ms: float) -> None:
        self._tell(act.CancelTool(run.call_id))
        self.finished(run.call_id, _error(code, message), failed=True, now_ms=now_ms)

    def _key_of_same(self, call: Item) -> str | None:
        """The model does not know of what is still running, and may ask for the same again."""
        same = (run for run in self._runs.values() if is_same_call(run.call, call))
        return next((run.key for run in same), None)

    def _answer(self, call: Item, output: str) -> None:
        self._join(
            Item(
                id=self._new_id("item"),
                type="function_call_output",
                call_id=call.call_id,
                output=output,
                own_tool=True,
            )
        )

    def _join(self, item: Item) -> None:
        self._history.append(item)
        self._remember(item)


def is_same_call(one: Item, other: Item) -> bool:
    """The same tool with the same arguments, however they are written."""
    return one.name == other.name and _arguments(one) == _arguments(other)


def _arguments(call: Item) -> object:
    try:
        return msgspec.json.decode(call.arguments or "{}")
    except msgspec.DecodeError:
        return call.arguments


def _error(code: str, message: str) -> str:
    return msgspec.json.encode({"error": {"code": code, "message": message}}).decode()
