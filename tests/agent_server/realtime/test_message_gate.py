"""The gate before aiohttp's own parser, which is the one to be satisfied."""

import asyncio
import json
from itertools import pairwise

import pytest
from aiohttp import WebSocketError, WSMsgType
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from hypothesis import given
from hypothesis import strategies as st

from agent_server.realtime.client_events import decode
from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.message_gate import MessageGate

MAX = 66_000
CEILING = 200_000
SIZES = [0, 1, 125, 126, 999, 65_535, 65_536, MAX, MAX + 1, CEILING - 1]
TEXT, CONTINUATION, PING = 0x1, 0x0, 0x9


def frame(payload: bytes, opcode: int = TEXT, *, final: bool = True) -> bytes:
    """As clients send it: masked."""
    mask = b"\x11\x22\x33\x44"
    size = len(payload)
    wide = b"" if size < 126 else size.to_bytes(2, "big") if size < 65_536 else size.to_bytes(8, "big")
    flag = {0: size, 2: 126, 8: 127}[len(wide)]
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    masked = (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
    return bytes([(0x80 if final else 0) | opcode, 0x80 | flag]) + wide + mask + masked


class Line:
    """A parser of aiohttp's behind a gate, and what came out of it."""

    def __init__(self) -> None:
        loop = asyncio.new_event_loop()
        self.queue = WebSocketDataQueue(_Transport(), 2**24, loop=loop)  # type: ignore[arg-type]
        loop.close()
        reader = WebSocketReader(self.queue, CEILING, compress=False, decode_text=True)
        self.gate = MessageGate(reader, max_bytes=MAX, ceiling=CEILING)

    def feed(self, *pieces: bytes) -> bool:
        """Whether the connection is over."""
        return any(self.gate.feed_data(piece)[0] for piece in pieces)

    @property
    def messages(self) -> list[str]:
        return [message.data for message, _ in self.queue._buffer if message.type is WSMsgType.TEXT]


class _Transport:
    _reading_paused = False

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


@given(
    sizes=st.lists(st.sampled_from(SIZES), min_size=1, max_size=6),
    cuts=st.lists(st.integers(0, 400_000), max_size=8),
)
def test_however_it_arrives_small_messages_pass_and_large_ones_are_told_of(sizes: list[int], cuts: list[int]) -> None:
    data = b"".join(frame(b"x" * size) for size in sizes)
    ends = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    line = Line()
    assert not line.feed(*(data[start:end] for start, end in pairwise(ends)))
    assert len(line.messages) == len(sizes)
    for size, message in zip(sizes, line.messages, strict=True):
        if size <= MAX:
            assert message == "x" * size
        else:
            told = json.loads(message)
            assert (told["type"], told["bytes"]) == ("sales_agent.message.dropped", size)


def test_a_message_in_fragments_passes_with_a_ping_in_between() -> None:
    line = Line()
    line.feed(frame(b"a" * 600, final=False), frame(b"", PING), frame(b"b" * 400, CONTINUATION), frame(b"next"))
    assert line.messages == ["a" * 600 + "b" * 400, "next"]


@pytest.mark.parametrize(
    "frames",
    [
        [frame(b"a" * 66_000, final=False), frame(b"b", CONTINUATION)],
        [frame(b"x" * CEILING)],
    ],
    ids=["fragments that add up", "above the ceiling"],
)
def test_what_cannot_be_dropped_ends_the_connection_unread(frames: list[bytes]) -> None:
    line = Line()
    assert line.feed(*frames)
    with pytest.raises(WebSocketError) as ended:
        raise line.queue.exception()  # type: ignore[misc]
    assert ended.value.code == 1009
    assert line.messages == []


def test_no_client_tells_of_less_than_nothing_so_that_it_may_send_more() -> None:
    with pytest.raises(ProtocolError):
        decode('{"type": "sales_agent.message.dropped", "bytes": -1000000000}')
