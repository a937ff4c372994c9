"""The output items of one reply: their order, their place in the conversation, and what the client is told of them."""

from collections.abc import Callable, Iterator

from msgspec import Struct, structs

from pipelines.conversation import actions as act
from pipelines.conversation.history import History
from pipelines.conversation.items import Item
from pipelines.conversation.spoken import SpokenMessage


class ToolCallState(Struct):
    """A tool call as the model is writing it, and what became of it."""

    item: Item
    output_index: int
    is_own: bool
    is_finished: bool = False


Output = SpokenMessage | ToolCallState


class ReplyOutputs:
    """Nothing is told or remembered of them before ``release``."""

    def __init__(self, reply_id: str, history: History | None, tell: Callable[[act.Action], None]) -> None:
        """``history`` None: out of band."""
        self._reply_id = reply_id
        self._history = history
        self._tell = tell
        self._outputs: list[Output] = []
        self._is_released = False

    def __len__(self) -> int:
        return len(self._outputs)

    def __iter__(self) -> Iterator[Output]:
        return iter(self._outputs)

    @property
    def is_out_of_band(self) -> bool:
        return self._history is None

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(output.item for output in self._outputs)

    def release(self) -> None:
        """The reply is wanted: tell what there is, and from now on as it comes."""
        self._is_released = True
        for output in self._outputs:
            self._announce(output)

    def add(self, output: Output) -> None:
        self._outputs.append(output)
        if self._is_released:
            self._announce(output)

    def abandon(self, output: Output) -> None:
        """It was not finished: it is closed as it is, or nobody ever learns of it."""
        if self._is_released:
            self.close(output)
            return
        self._outputs.remove(output)
        for index, left in enumerate(self._outputs):
            left.output_index = index

    def _announce(self, output: Output) -> None:
        """The output begins: it joins the conversation, and the client is told of it."""
        if isinstance(output, SpokenMessage):
            output.is_announced = True
            output.item = structs.replace(
                output.item, word_ends=output.alignment.word_ends
            )  # spoken ahead of the commit
        previous = self.join(output.item)
        item = output.item
        if isinstance(output, ToolCallState):
            item = structs.replace(item, arguments="")
        self._tell(act.OutputItemAdded(self._reply_id, output.output_index, item, previous, self.is_out_of_band))
        if isinstance(output, ToolCallState) and output.item.arguments:
            self.tell_arguments(output, output.item.arguments)

    def tell_arguments(self, call: ToolCallState, delta: str) -> None:
        if not self._is_released:
            return
        call_id = call.item.call_id or ""
        self._tell(act.OutputArgumentsDelta(self._reply_id, call.item.id, call.output_index, call_id, delta))

    def close(self, output: Output) -> None:
        """The output is complete, or cut: its last state is remembered and told."""
        if isinstance(output, SpokenMessage) and not output.is_announced:
            return
        self.remember(output.item)
        previous = self._previous(output.item.id)
        self._tell(act.OutputItemDone(self._reply_id, output.output_index, output.item, previous, self.is_out_of_band))

    def join(self, item: Item) -> str | None:
        """Put an item at the end of the conversation; returns its predecessor."""
        if self._history is None:
            return None
        previous = self._history.last_id()
        self._history.append(item)
        self.remember(item)
        return previous

    def remember(self, item: Item, *, progress: bool = False) -> None:
        if self._history is not None and item.id in self._history:
            self._history.replace(item)
            self._tell(act.Remember(item, self._history.position(item.id), progress))

    def _previous(self, item_id: str) -> str | None:
        """The predecessor; None out of band, and for an item the client deleted meanwhile."""
        if self._history is None or item_id not in self._history:
            return None
        return self._history.previous_id(item_id)
