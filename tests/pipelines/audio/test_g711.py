"""G.711 against the reference implementation, for every value there is."""

import warnings

import numpy as np
import pytest

from pipelines.audio import g711

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the standard library's, gone in 3.13, then audioop-lts
    import audioop

EVERY_CODE = bytes(range(256))
EVERY_SAMPLE = np.arange(65536, dtype=np.uint16).tobytes()


def test_every_code_is_decoded_as_the_reference_does() -> None:
    assert g711.ulaw_decode(EVERY_CODE) == audioop.ulaw2lin(EVERY_CODE, 2)
    assert g711.alaw_decode(EVERY_CODE) == audioop.alaw2lin(EVERY_CODE, 2)


def test_every_sample_is_encoded_as_the_reference_does() -> None:
    assert g711.ulaw_encode(EVERY_SAMPLE) == audioop.lin2ulaw(EVERY_SAMPLE, 2)
    assert g711.alaw_encode(EVERY_SAMPLE) == audioop.lin2alaw(EVERY_SAMPLE, 2)


def test_silence_has_the_codes_carriers_send() -> None:
    assert g711.ulaw_encode(bytes(4)) == b"\xff\xff"
    assert g711.alaw_encode(bytes(4)) == b"\xd5\xd5"


def test_nothing_in_nothing_out() -> None:
    for convert in (g711.ulaw_encode, g711.ulaw_decode, g711.alaw_encode, g711.alaw_decode):
        assert convert(b"") == b""


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple"):
        g711.ulaw_encode(b"\x00\x00\x00")
