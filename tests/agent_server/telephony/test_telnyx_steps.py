"""What is done with a call for each thing that Telnyx tells of it; messages that are read and written."""

import pytest
from msgspec import structs

from agent_server.telephony import apologies
from agent_server.telephony.hanging_up import Next
from agent_server.telephony.media_stream import MOST_STREAMS
from agent_server.telephony.playback import Drop, Mark, Order, Sound
from agent_server.telephony.telnyx.events import Event, Payload, read_event
from agent_server.telephony.telnyx.states import State
from agent_server.telephony.telnyx.steps import (
    Deed,
    HangUp,
    PickUp,
    PutThrough,
    Step,
    Stream,
    Tell,
    instead,
    is_new_call,
    key,
    step_after,
)
from agent_server.telephony.telnyx.wire import Connected, Error, Media, Start, decode, encode

CALL, COLLEAGUE = "v3:call", "+14155550199"
TALKING = State("talking", "conv_1", 1)
PART = State("colleague", "conv_1", 1, caller="v3:caller")


def told(kind: str, cause: str | None = None) -> Event:
    return Event(kind, Payload(CALL, hangup_cause=cause))


@pytest.mark.parametrize(
    ("event", "state", "then", "has_room", "number", "deed"),
    [
        (told("call.answered"), State("waiting"), None, True, None, Tell(apologies.BUSY)),
        (told("call.answered"), State("waiting"), None, True, COLLEAGUE, PutThrough(COLLEAGUE)),
        (told("call.answered"), TALKING, None, True, COLLEAGUE, None),
        (told("streaming.stopped"), TALKING, "hang_up", True, None, HangUp()),
        (told("streaming.stopped"), TALKING, "transfer", True, COLLEAGUE, PutThrough(COLLEAGUE, "conv_1", 1)),
        (told("streaming.stopped"), TALKING, "transfer", True, None, Tell(apologies.NOBODY_FREE)),
        (told("streaming.failed"), TALKING, None, True, COLLEAGUE, Stream("conv_1", 2)),
        (told("streaming.failed"), TALKING, None, False, None, Tell(apologies.BROKEN)),
        (told("streaming.failed"), State("talking", "conv_1", MOST_STREAMS), None, True, None, Tell(apologies.BROKEN)),
        (told("streaming.stopped"), State("put_through"), "transfer", True, COLLEAGUE, None),
        (told("call.speak.ended"), State("told"), None, True, None, HangUp()),
        (told("call.hangup"), TALKING, None, True, COLLEAGUE, None),
        (told("call.answered"), PART, None, True, COLLEAGUE, None),
        (told("call.bridged"), PART, None, True, COLLEAGUE, None),
        (told("call.something.new"), TALKING, None, True, None, None),
    ],
)
def test_a_step_for_each_event(
    event: Event, state: State, then: Next | None, has_room: bool, number: str | None, deed: Deed | None
) -> None:
    step = step_after(event, state, then=then, has_room=has_room, transfer_number=number)
    assert step == (None if deed is None else Step(CALL, deed))


BACK = Stream("conv_1", 2, unreached=True)


@pytest.mark.parametrize(
    ("cause", "streams", "has_room", "deed"),
    [
        ("normal_clearing", 1, True, HangUp()),
        ("timeout", 1, True, BACK),
        ("timeout", 1, False, Tell(apologies.NOBODY_FREE)),
        ("timeout", MOST_STREAMS, True, Tell(apologies.NOBODY_FREE)),
    ],
)
def test_the_end_of_the_colleague_s_part_is_about_the_caller(
    cause: str, streams: int, has_room: bool, deed: Deed
) -> None:
    part = structs.replace(PART, streams=streams)
    step = step_after(told("call.hangup", cause), part, then="transfer", has_room=has_room, transfer_number=COLLEAGUE)
    assert step == Step("v3:caller", deed)


def test_who_is_refused_a_colleague_is_the_agent_s_again() -> None:
    step = instead(Step(CALL, PutThrough(COLLEAGUE, "conv_1", 1)))
    assert step == Step(CALL, BACK)
    assert key(PutThrough(COLLEAGUE, "conv_1", 1)) != key(PutThrough(COLLEAGUE, "conv_1", 2)), "once in each stream"


def test_what_is_refused_ends_in_hanging_up() -> None:
    step: Step | None = Step(CALL, PutThrough(COLLEAGUE))
    deeds = []
    while step is not None:
        deeds.append(step.deed)
        step = instead(step)
    assert deeds == [PutThrough(COLLEAGUE), Tell(apologies.NOBODY_FREE), HangUp()]
    assert instead(Step(CALL, Stream("conv_1", 1))) is None, "the caller is not answered yet"
    for begun in (Stream("conv_1", 2), Stream("conv_1", 1, outbound=True)):
        assert instead(Step(CALL, begun)) == Step(CALL, Tell(apologies.BROKEN)), "somebody is on the line"


def test_a_call_is_answered_once_whichever_way_and_each_stream_begun_once() -> None:
    assert key(PickUp()) == key(Stream("conv_1", 1)) == key(Stream("conv_2", 1))
    deeds = [PickUp(), Stream("conv_1", 2), Stream("conv_1", 3), PutThrough(COLLEAGUE), Tell("a"), Tell("b"), HangUp()]
    assert len({key(deed) for deed in deeds}) == len(deeds)


def test_webhooks_are_read_whatever_else_they_say() -> None:
    body = b"""{"data": {"event_type": "call.initiated", "new": 1, "payload": {"call_control_id": "v3:call",
        "direction": "incoming", "from": "+1", "to": "+2", "client_state": null, "new": {}}}, "meta": {}}"""
    event = read_event(body)
    assert event is not None
    assert is_new_call(event)
    assert (event.payload.calls_from, event.payload.calls_to) == ("+1", "+2")
    assert read_event(b'{"data": {"event_type": "message.received", "payload": {"id": 7}}}') is None
    assert not is_new_call(Event("call.initiated", Payload(CALL, direction="outgoing")))
    for wrong in (b"", b"[]", b"\xff", b'{"data": 7}'):
        with pytest.raises(ValueError, match=r".+"):
            read_event(wrong)


def test_messages_of_the_stream_are_read() -> None:
    assert isinstance(decode('{"event":"connected","version":"1.0.0"}'), Connected)
    start = decode('{"event":"start","stream_id":"s","start":{"call_control_id":"c","from":"+1","media_format":{}}}')
    assert isinstance(start, Start)
    assert (start.stream_id, start.start.call_control_id, start.start.calls_from) == ("s", "c", "+1")
    for chunk, number in (('"7"', 7), ("7", 7), ('"x"', None), ("null", None), ('"99999999999999"', None)):
        media = decode(f'{{"event":"media","media":{{"chunk":{chunk},"payload":"/w=="}}}}')
        assert isinstance(media, Media)
        assert (media.media.number, media.media.payload) == (number, b"\xff")
    assert isinstance(decode('{"event":"error","payload":{"code":100002,"title":"x"}}'), Error)
    for unknown in ("", "[]", '{"event":"new"}', '{"event":"media","media":{"payload":"!"}}'):
        assert decode(unknown) is None


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Sound(b"\x00" * 170), 170),
        (Sound(b"\x00" * 3), 160),
        (Mark("7"), '{"event":"mark","stream_id":"s","mark":{"name":"7"}}'),
        (Drop(), '{"event":"clear","stream_id":"s"}'),
    ],
)
def test_orders_are_written_and_no_sound_is_too_short_to_be_played(order: Order, expected: str | int) -> None:
    written = encode(order, "s").decode()
    if isinstance(expected, str):
        assert written == expected
    else:
        media = decode(written)
        assert isinstance(media, Media)
        assert len(media.media.payload) == expected


def test_what_is_no_message_of_the_carrier_is_none() -> None:
    for rubbish in ("", "[]", '{"event":"nonsense"}', '{"event":"media","x":' + "[" * 100_000):
        assert decode(rubbish) is None, rubbish[:30]
