"""The tool calls of one reply: the client's are handed over, the server's own are run, once the turn is sure."""

from collections.abc import Callable

from msgspec import structs

from pipelines.conversation import actions as act
from pipelines.conversation.items import Item
from pipelines.conversation.reply_outputs import ReplyOutputs, ToolCallState
from pipelines.conversation.settings import ConversationSettings

TOOL_TIMEOUT_OUTPUT = '{"error":{"code":"tool_timeout","message":"The tool did not answer in time."}}'


class ReplyCalls:
    """Calls as the model writes them, by their index over all rounds of the reply."""

    def __init__(
        self,
        session: ConversationSettings,
        outputs: ReplyOutputs,
        *,
        new_id: Callable[[str], str],
        tell: Callable[[act.Action], None],
    ) -> None:
        self._session = session
        self._outputs = outputs
        self._new_id = new_id
        self._tell = tell
        self._calls: dict[int, ToolCallState] = {}
        self._started_ms: dict[int, float] = {}
        self._round_start = 0

    @property
    def running(self) -> list[ToolCallState]:
        """Own calls without a result."""
        return [call for call in self._calls.values() if call.is_own and not call.is_finished]

    def next_round(self) -> None:
        self._round_start = len(self._calls)

    def write(self, index: int, call_id: str, name: str, arguments: str, *, told: bool) -> None:
        """The model writes a piece of a call; ``told``: the reply is committed."""
        key = self._round_start + index
        call = self._calls.get(key)
        if call is None:
            if len(self._calls) >= self._session.limits.tool_calls:
                return
            call = self._calls[key] = self._new_call(call_id, name, told=told)
        call.item = structs.replace(call.item, arguments=call.item.arguments + arguments)
        if arguments and told and not call.is_own:
            self._outputs.tell_arguments(call, arguments)

    def run(self, now_ms: float) -> None:
        """The calls of this round are complete and the turn is sure."""
        for key, call in self._calls.items():
            if call.is_finished or key in self._started_ms:
                continue
            if call.is_own:
                self._started_ms[key] = now_ms
                self._run_own(call)
            else:
                call.is_finished = True
                call.item = structs.replace(call.item, status="completed")
                self._outputs.close(call)

    def finished(self, call_id: str, output: str, *, failed: bool, now_ms: float) -> bool:
        """An own tool ended. True: it was the last that ran, so the model is to be asked again."""
        for key, call in self._calls.items():
            if call.item.call_id == call_id and call.is_own and not call.is_finished and key in self._started_ms:
                self._settle(key, output, failed=failed, now_ms=now_ms)
                return not self.running
        return False

    def time_out(self, now_ms: float) -> bool:
        """Give up own tools past their deadline. True: none runs any more, so the model is to be asked again."""
        late = [key for key, call in self._calls.items() if not call.is_finished and self._deadline_ms(key) <= now_ms]
        for key in late:
            self._tell(act.CancelTool(self._calls[key].item.call_id or ""))
            self._settle(key, TOOL_TIMEOUT_OUTPUT, failed=True, now_ms=now_ms)
        return bool(late) and not self.running

    def wake_ms(self) -> float | None:
        return min((self._deadline_ms(key) for key, call in self._calls.items() if not call.is_finished), default=None)

    def abandon(self, call: ToolCallState) -> None:
        """A call the model did not finish writing: told as incomplete, never run."""
        call.is_finished = True
        call.item = structs.replace(call.item, status="incomplete")
        self._outputs.close(call)

    def _new_call(self, call_id: str, name: str, *, told: bool) -> ToolCallState:
        is_own = any(tool.name == name for tool in self._session.own_tools) and not self._outputs.is_out_of_band
        item = Item(
            id=self._new_id("item"),
            type="function_call",
            status="in_progress",
            call_id=call_id or self._new_id("call"),
            name=name,
            own_tool=is_own,
        )
        call = ToolCallState(item=item, output_index=len(self._outputs), is_own=is_own)
        if not is_own:
            self._outputs.add(call)
            if told:
                self._outputs.announce(call)
        return call

    def _run_own(self, call: ToolCallState) -> None:
        call.item = structs.replace(call.item, status="completed")
        self._outputs.join(call.item)
        call_id, name = call.item.call_id or "", call.item.name or ""
        self._tell(act.ToolStarted(call_id, name))
        self._tell(act.RunTool(call_id, name, call.item.arguments, idempotency_key=call.item.id))

    def _settle(self, key: int, output: str, *, failed: bool, now_ms: float) -> None:
        call = self._calls[key]
        call.is_finished = True
        call_id, name = call.item.call_id or "", call.item.name or ""
        result = Item(
            id=self._new_id("item"), type="function_call_output", call_id=call_id, output=output, own_tool=True
        )
        self._outputs.join(result)
        self._tell(act.ToolEnded(call_id, name, failed, latency_ms=now_ms - self._started_ms[key]))

    def _deadline_ms(self, key: int) -> float:
        return self._started_ms.get(key, float("inf")) + self._session.limits.tool_ms
