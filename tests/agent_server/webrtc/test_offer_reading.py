"""What is taken of an offer, and which offers are refused."""

import pytest

from agent_server.realtime.errors import ProtocolError
from agent_server.webrtc.offer import MAX_CANDIDATES, MAX_SDP_BYTES, read_offer

SESSION = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1"]
TRANSPORT = ["a=ice-ufrag:abcd", "a=ice-pwd:0123456789012345678901", "a=fingerprint:sha-256 AB:CD"]
AUDIO = ["m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "a=mid:0", "a=rtpmap:111 opus/48000/2", "a=sendrecv", *TRANSPORT]
DATA = ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:1", "a=sctp-port:5000", *TRANSPORT]
UDP = "a=candidate:1 1 udp 2122260223 {} 50000 typ host"


def sdp(*parts: list[str]) -> str:
    return "\r\n".join(line for part in parts for line in part) + "\r\n"


def refusal(text: str) -> str:
    with pytest.raises(ProtocolError) as refused:
        read_offer(text)
    assert refused.value.param == "sdp"
    return refused.value.code


def test_a_call_has_audio_and_events() -> None:
    offer = read_offer(sdp(SESSION, AUDIO, DATA))
    assert offer.has_events
    assert offer.sdp == sdp(SESSION, AUDIO, DATA)


def test_events_may_be_missing() -> None:
    assert not read_offer(sdp(SESSION[:-1], AUDIO)).has_events


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_sdp"),
        ("hello", "invalid_sdp"),
        ("v=0\r\n" + "a=x\r\n" * MAX_SDP_BYTES, "invalid_sdp"),
        (sdp(SESSION, DATA), "audio_missing"),
        (sdp(SESSION), "audio_missing"),
        (sdp(SESSION, AUDIO, DATA, ["m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:2"]), "unsupported_media"),
        (sdp(SESSION, AUDIO, AUDIO), "unsupported_media"),
        (sdp(SESSION, [line.replace("opus", "isac") for line in AUDIO], DATA), "unsupported_media"),
        (sdp(SESSION, [line.replace("sendrecv", "sendonly") for line in AUDIO], DATA), "unsupported_media"),
        (sdp(SESSION[:-1], AUDIO, DATA), "invalid_sdp"),
        (sdp(SESSION, AUDIO), "invalid_sdp"),
        (sdp([*SESSION[:-1], "a=group:BUNDLE 7 0"], AUDIO), "invalid_sdp"),
        (sdp(SESSION, [line for line in AUDIO if "mid" not in line], DATA), "invalid_sdp"),
        (sdp(SESSION, [line for line in AUDIO if "pwd" not in line], DATA), "invalid_sdp"),
    ],
)
def test_other_offers_are_refused(text: str, code: str) -> None:
    assert refusal(text) == code


def test_the_server_knocks_at_no_address_of_the_clients() -> None:
    candidates = [UDP.format("10.0.0.7"), "a=end-of-candidates"]
    assert read_offer(sdp(SESSION, [*AUDIO, *candidates], DATA)).sdp == sdp(SESSION, AUDIO, DATA)


def test_behind_a_nat_it_has_to_but_only_a_few_and_no_names() -> None:
    names = [UDP.format("8f2c.local"), UDP.format("10.0.0.7").replace("udp", "tcp")]
    many = [UDP.format(f"10.0.0.{number}") for number in range(40)]
    kept = read_offer(sdp(SESSION, [*AUDIO, *names, *many], DATA), keep_candidates=True).sdp
    assert kept.count("a=candidate:") == MAX_CANDIDATES - len(names)
    assert ".local" not in kept
    assert " tcp " not in kept
