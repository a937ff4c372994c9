"""What Twilio takes of a TwiML document, as far as calls need it. An attribute it does not know it leaves out with a
warning that nobody sees; here the call fails. Pure.

https://www.twilio.com/docs/voice/twiml
"""

from collections.abc import Mapping
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from simulators.telephone.streamed_call import CallFailedError

MOST_PARAMETER_CHARS = 500
"""Name and value."""

MOST_SAID_CHARS = 4096

_ATTRIBUTES: Mapping[str, str] = {
    "Response": "",
    "Connect": "action method",
    "Stream": "url name track statusCallback statusCallbackMethod",
    "Parameter": "name value",
    "Redirect": "method",
    "Dial": "action method timeout timeLimit callerId hangupOnStar answerOnBridge record ringTone",
    "Number": "url method sendDigits statusCallback statusCallbackEvent statusCallbackMethod",
    "Gather": "action method input numDigits timeout finishOnKey actionOnEmptyResult language",
    "Say": "voice language loop",
    "Pause": "length",
    "Hangup": "",
}


def check(response: Element) -> None:
    """Raises CallFailedError."""
    for element in response.iter():
        if element.tag not in _ATTRIBUTES:
            raise CallFailedError(f"unknown verb {element.tag}")
        if unknown := set(element.keys()) - set(_ATTRIBUTES[element.tag].split()):
            raise CallFailedError(f"{element.tag} has no attribute {', '.join(sorted(unknown))}")
        match element.tag:
            case "Stream":
                _check_address(element.attrib["url"])
            case "Parameter" if len(element.attrib["name"] + element.attrib["value"]) > MOST_PARAMETER_CHARS:
                raise CallFailedError(f"a parameter has more than {MOST_PARAMETER_CHARS} characters")
            case "Say" if not 0 < len(element.text or "") <= MOST_SAID_CHARS:
                raise CallFailedError(f"what is to be said has no words, or more than {MOST_SAID_CHARS} characters")


def _check_address(url: str) -> None:
    """Of a stream. Without TLS to this machine alone, where Twilio would not come."""
    parts = urlsplit(url)
    if parts.scheme != "wss" and not (parts.scheme == "ws" and parts.hostname in ("127.0.0.1", "localhost", "::1")):
        raise CallFailedError(f"a stream's address begins with wss, not {url}")
    if parts.query:
        raise CallFailedError(f"a stream's address has no query, as in {url}; there are parameters for it")
