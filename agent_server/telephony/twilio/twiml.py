"""Answers to Twilio's voice webhook, in TwiML. Pure."""

from xml.etree.ElementTree import Element, SubElement, tostring

RING_S = 25
KEY_S = 5
TOLD_TIMES = 2
"""Who picks up says hello first, and hears half of it."""


def stream(url: str, ticket: str, afterwards: str) -> bytes:
    """Stream the call to ``url``, both ways; when that ends, ask ``afterwards`` what to do."""
    response = Element("Response")
    opened = SubElement(SubElement(response, "Connect"), "Stream", url=url)
    SubElement(opened, "Parameter", name="ticket", value=ticket)
    SubElement(response, "Redirect", method="POST").text = afterwards
    return _document(response)


def dial(number: str, afterwards: str, *, first: str | None = None) -> bytes:
    """Put the caller through; ``afterwards`` is told what became of it. ``first``: asked what the colleague hears
    before the two are connected, while the caller hears it ring."""
    response = Element("Response")
    dialled = SubElement(response, "Dial", action=afterwards, method="POST", timeout=str(RING_S), answerOnBridge="true")
    SubElement(dialled, "Number", {} if first is None else {"url": first, "method": "POST"}).text = number
    return _document(response)


def ask_for_key(text: str, accepted: str, language: str) -> bytes:
    """Say it until a key is pressed, which ``accepted`` is told; where none is, hang up. ``language``: of the text,
    as that of a voice."""
    response = Element("Response")
    gathering = SubElement(response, "Gather", numDigits="1", timeout=str(KEY_S), action=accepted, method="POST")
    for _ in range(TOLD_TIMES):
        _say(gathering, text, language)
        SubElement(gathering, "Pause", length="1")
    SubElement(response, "Hangup")
    return _document(response)


def say(text: str, language: str) -> bytes:
    response = Element("Response")
    _say(response, text, language)
    return _document(response)


def nothing_more() -> bytes:
    """Of a colleague's part of a call: connect the two."""
    return _document(Element("Response"))


def say_and_hang_up(text: str, language: str) -> bytes:
    response = Element("Response")
    _say(response, text, language)
    SubElement(response, "Hangup")
    return _document(response)


def hang_up() -> bytes:
    response = Element("Response")
    SubElement(response, "Hangup")
    return _document(response)


def _say(parent: Element, text: str, language: str) -> None:
    """Callers' names and words are in it, and XML cannot have every character."""
    said = "".join(letter if letter.isprintable() else " " for letter in text)
    SubElement(parent, "Say", language=language).text = said


def _document(response: Element) -> bytes:
    document: bytes = tostring(response, encoding="utf-8", xml_declaration=True)
    return document
