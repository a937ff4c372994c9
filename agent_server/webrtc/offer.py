"""Whether a client's SDP offer is one of a voice call, and what of it is taken. Pure.

Only what a call needs goes on to the WebRTC library: one audio line, at most one of data channels, on one transport.
"""

import re

from msgspec import Struct

from agent_server.realtime.errors import ProtocolError

MAX_SDP_BYTES = 64 * 1024
"""Chromium's offer of audio and data has 3 KB, with every codec it knows 8."""

MAX_LINES = 2000
MAX_CANDIDATES = 8
"""Of the client's; each is tried with a packet from here, wherever it points."""

_MEDIA = re.compile(r"m=(audio|application) \d{1,5} [A-Z/]{3,32} \S[^\r\n]{0,2000}")
_HEARING = frozenset({"sendrecv", "recvonly"})
_DIRECTIONS = _HEARING | {"sendonly", "inactive"}
_LOCAL_NAME = re.compile(r"\.local$", re.IGNORECASE)


class Offer(Struct, frozen=True):
    """``sdp`` is what the WebRTC library gets. ``has_events``: the client opens a data channel."""

    sdp: str
    has_events: bool


def read_offer(text: str, *, keep_candidates: bool = False) -> Offer:
    """Raises ProtocolError ``invalid_sdp``, ``audio_missing`` or ``unsupported_media``.

    Without ``keep_candidates`` those of the client are left out: it finds the server, and packets go only where its own
    came from, so that nobody has the server knock at addresses of others.
    """
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    if len(text) > MAX_SDP_BYTES or len(lines) > MAX_LINES or not lines[0].startswith("v=0"):
        raise _invalid("it is no session description that begins with v=0, or it is too long.")
    sections = _sections(lines)
    kinds = [_kind(section[0]) for section in sections[1:]]
    if "audio" not in kinds:
        raise ProtocolError("audio_missing", "The offer has no audio: add a track, or a transceiver.", param="sdp")
    if len(set(kinds)) != len(kinds):
        raise ProtocolError(
            "unsupported_media", "A call has one audio line and at most one of data channels.", param="sdp"
        )
    session = sections[0]
    for kind, section in zip(kinds, sections[1:], strict=True):
        if kind == "audio":
            _check_audio(section)
        _check_transport(session, section)
    _check_bundle(session, sections[1:])
    kept = _with_candidates(lines, keep_candidates)
    return Offer("\r\n".join([*kept, ""]), has_events="application" in kinds)


def _sections(lines: list[str]) -> list[list[str]]:
    """The session's lines, then those of each medium."""
    sections: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    return sections


def _kind(line: str) -> str:
    found = _MEDIA.fullmatch(line)
    if found is None:
        raise ProtocolError("unsupported_media", "A call has audio and data channels, and nothing else.", param="sdp")
    return found[1]


def _check_audio(section: list[str]) -> None:
    if not any(re.fullmatch(r"a=rtpmap:\d{1,3} opus/48000/2", line, re.IGNORECASE) for line in section):
        raise ProtocolError("unsupported_media", "The offer's audio lacks Opus (opus/48000/2).", param="sdp")
    direction = next((line[2:] for line in section if line[2:] in _DIRECTIONS), "sendrecv")
    if direction not in _HEARING:
        raise ProtocolError(
            "unsupported_media", f"With '{direction}' the client would not hear the agent.", param="sdp"
        )


def _check_transport(session: list[str], section: list[str]) -> None:
    for attribute in ("ice-ufrag", "ice-pwd", "fingerprint"):
        if not any(line.startswith(f"a={attribute}:") for line in (*section, *session)):
            raise _invalid(f"it lacks a={attribute}.")


def _check_bundle(session: list[str], media: list[list[str]]) -> None:
    mids = [line[6:] for section in media for line in section if line.startswith("a=mid:")]
    if len(mids) != len(media) or len(set(mids)) != len(mids):
        raise _invalid("each medium needs an a=mid of its own.")
    bundled = next((line[15:].split() for line in session if line.startswith("a=group:BUNDLE ")), [])
    if (bundled or len(media) > 1) and sorted(bundled) != sorted(mids):
        raise _invalid("all media go over one transport: a=group:BUNDLE has to name each, and no other.")


def _with_candidates(lines: list[str], keep: bool) -> list[str]:
    """A client that may still send candidates is never at the end of them: the server waits for it either way."""
    kept: list[str] = []
    candidates = 0
    for line in lines:
        if line == "a=end-of-candidates":
            continue
        if line.startswith("a=candidate:"):
            candidates += 1
            if not keep or candidates > MAX_CANDIDATES or not _may_be_tried(line):
                continue
        kept.append(line)
    return kept


def _may_be_tried(line: str) -> bool:
    """UDP, and no name: browsers hide addresses behind names that only their own network resolves."""
    parts = line.split()
    return len(parts) >= 8 and parts[2].lower() == "udp" and not _LOCAL_NAME.search(parts[4])


def _invalid(why: str) -> ProtocolError:
    return ProtocolError("invalid_sdp", f"The offer cannot be read: {why}", param="sdp")
