"""Answers to Twilio's voice webhook, in TwiML. Pure."""

from xml.etree.ElementTree import Element, SubElement, tostring

RING_S = 25


def stream(url: str, ticket: str, afterwards: str) -> bytes:
    """Stream the call to ``url``, both ways; when that ends, ask ``afterwards`` what to do."""
    response = Element("Response")
    opened = SubElement(SubElement(response, "Connect"), "Stream", url=url)
    SubElement(opened, "Parameter", name="ticket", value=ticket)
    SubElement(response, "Redirect", method="POST").text = afterwards
    return _document(response)


def dial(number: str, afterwards: str) -> bytes:
    """Put the caller through; ``afterwards`` is told what became of it."""
    response = Element("Response")
    dialled = SubElement(response, "Dial", action=afterwards, method="POST", timeout=str(RING_S), answerOnBridge="true")
    SubElement(dialled, "Number").text = number
    return _document(response)


def say_and_hang_up(text: str) -> bytes:
    response = Element("Response")
    SubElement(response, "Say").text = text
    SubElement(response, "Hangup")
    return _document(response)


def hang_up() -> bytes:
    response = Element("Response")
    SubElement(response, "Hangup")
    return _document(response)


def _document(response: Element) -> bytes:
    document: bytes = tostring(response, encoding="utf-8", xml_declaration=True)
    return document
