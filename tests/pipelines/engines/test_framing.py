import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.engines.framing import MAX_FRAME_BYTES, FrameReader, FramingError, frame


@given(payloads=st.lists(st.binary(max_size=300), max_size=8), size=st.integers(1, 50))
def test_payloads_survive_any_split(payloads: list[bytes], size: int) -> None:
    data = b"".join(frame(payload) for payload in payloads)
    reader = FrameReader()
    received = [payload for start in range(0, len(data), size) for payload in reader.feed(data[start : start + size])]
    assert received == payloads


def test_a_length_beyond_the_bound_is_refused_before_it_is_read() -> None:
    with pytest.raises(FramingError, match="at most"):
        list(FrameReader().feed((MAX_FRAME_BYTES + 1).to_bytes(4, "big")))


def test_too_large_a_payload_is_not_sent() -> None:
    with pytest.raises(FramingError, match="at most"):
        frame(bytes(MAX_FRAME_BYTES + 1))
