from agent_server.cli.calling.caller_line import FRAME_BYTES
from agent_server.cli.calling.devices import MAX_AHEAD_MS, MAX_WAITING_FRAMES, Devices


def test_what_the_microphone_takes_up_is_handed_over_once() -> None:
    devices = Devices()
    devices.on_input(b"\1" * FRAME_BYTES, 480, None, None)
    devices.on_input(b"\2" * FRAME_BYTES, 480, None, None)
    assert devices.take() == [b"\1" * FRAME_BYTES, b"\2" * FRAME_BYTES]
    assert devices.take() == []


def test_a_microphone_nobody_listens_to_keeps_the_latest_second() -> None:
    devices = Devices()
    for number in range(MAX_WAITING_FRAMES + 10):
        devices.on_input(bytes([number]) * 2, 1, None, None)
    taken = devices.take()
    assert len(taken) == MAX_WAITING_FRAMES
    assert taken[-1] == bytes([MAX_WAITING_FRAMES + 9]) * 2


def test_the_loudspeaker_plays_in_order_and_silence_after_it() -> None:
    devices = Devices()
    devices.play(b"\1\1\2\2")
    devices.play(b"\3\3")
    data = bytearray(4)
    devices.on_output(data, 2, None, None)
    assert data == b"\1\1\2\2"
    devices.on_output(data, 2, None, None)
    assert data == b"\3\3\0\0"


def test_a_slow_loudspeaker_falls_behind_by_a_bounded_time() -> None:
    devices = Devices()
    devices.play(b"\1" * 48 * 1000)
    devices.play(b"\2" * 48)
    data = bytearray(48 * 2 * MAX_AHEAD_MS)
    devices.on_output(data, len(data) // 2, None, None)
    assert data.rstrip(b"\0") == b"\1" * 48 * (MAX_AHEAD_MS - 1) + b"\2" * 48
