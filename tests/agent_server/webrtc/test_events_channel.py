"""Events over a data channel, bounded whatever the other side does."""

from agent_server.webrtc import events_channel
from agent_server.webrtc.events_channel import EventsChannel


class Channel:
    """As aiortc's: takes 100 bytes a message, and sends nothing unless told to."""

    bufferedAmount = 0  # noqa: N815 - as the browser has it
    readyState = "open"  # noqa: N815

    def __init__(self) -> None:
        self.sent: list[bytes | str] = []

    def send(self, data: bytes | str) -> None:
        if len(data) > 100:
            raise ValueError
        self.sent.append(data)
        self.bufferedAmount += len(data)


def test_events_wait_for_the_channel() -> None:
    events, channel = EventsChannel(expected=True), Channel()
    events.put(b"one")
    events.put(b"two")
    events.open(channel)
    events.put(b"three")
    assert channel.sent == ["one", "two", "three"]


def test_without_a_channel_they_are_dropped() -> None:
    events = EventsChannel(expected=False)
    for _ in range(100):
        events.put(b"x" * 1_000_000)
    assert not events.overflowed


def test_a_message_that_is_too_large_is_left_out() -> None:
    events, channel = EventsChannel(expected=True), Channel()
    events.open(channel)
    events.put(b"x" * 101)
    events.put(b"one")
    assert channel.sent == ["one"]


def test_a_closed_channel_takes_nothing() -> None:
    events, channel = EventsChannel(expected=True), Channel()
    events.open(channel)
    channel.readyState = "closed"
    events.put(b"one")
    assert channel.sent == []


async def test_who_does_not_read_is_cut_off() -> None:
    events, channel = EventsChannel(expected=True), Channel()
    events.open(channel)
    channel.bufferedAmount = events_channel.MAX_UNSENT_BYTES
    events.put(b"one")
    assert events.overflowed
    assert await events.next() is None


async def test_who_never_opens_its_channel_is_cut_off() -> None:
    events = EventsChannel(expected=True)
    for _ in range(events_channel.MAX_UNSENT_BYTES // 1_000_000 + 1):
        events.put(b"x" * 1_000_000)
    assert await events.next() is None


async def test_who_sends_faster_than_it_is_read_is_cut_off() -> None:
    events = EventsChannel(expected=True)
    most = events_channel.MAX_UNREAD_BYTES // events_channel.MESSAGE_BYTES
    for _ in range(most):
        events.came("{}")
    assert await events.next() == "{}"
    events.came("{}")
    assert not events.overflowed
    events.came("{}")
    assert events.overflowed


async def test_all_is_out_before_it_ends_or_the_time_is_over() -> None:
    events, channel = EventsChannel(expected=True), Channel()
    events.open(channel)
    await events.flush(10.0)
    events.put(b"one")
    await events.flush(0.05)
    assert channel.bufferedAmount == 3
