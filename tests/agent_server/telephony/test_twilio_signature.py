"""Expected signatures are those of Twilio's own ``RequestValidator`` (twilio 9.13.0)."""

import pytest

from agent_server.telephony.twilio.signature import is_signed, signature
from agent_server.telephony.twilio.ticket import Ticket, opened, sealed
from simulators.twilio.signing import signed

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+12349013030",
    "Digits": "1234",
    "From": "+12349013030",
    "To": "+18005551212",
}
SIGNATURE = "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
STREAM = "wss://agent.example.com/telephony/twilio/media"
STREAM_SIGNATURE = "y345WU4e765rkH/KaVa2NowBuog="


def test_a_form_is_signed_as_the_vendor_signs_it() -> None:
    assert signature(TOKEN, URL, FORM.items()) == SIGNATURE == signed(TOKEN, URL, FORM)
    assert is_signed(SIGNATURE, TOKEN, URL, FORM.items())


def test_a_stream_is_signed_by_its_address() -> None:
    assert signature(TOKEN, STREAM) == STREAM_SIGNATURE == signed(TOKEN, STREAM, {})
    assert is_signed(STREAM_SIGNATURE, TOKEN, STREAM)


@pytest.mark.parametrize(
    ("url", "as_signed"),
    [
        (STREAM, STREAM + "/"),
        (STREAM, STREAM.replace(".com", ".com:443")),
        ("ws://agent.example.com/media", "ws://agent.example.com:80/media"),
        ("http://agent.example.com/voice", "http://agent.example.com:80/voice"),
        ("https://agent.example.com/voice", "https://agent.example.com:443/voice"),
    ],
)
def test_the_port_of_the_scheme_and_a_slash_at_the_end_make_no_difference(url: str, as_signed: str) -> None:
    assert is_signed(signature(TOKEN, as_signed), TOKEN, url)
    assert is_signed(signature(TOKEN, url), TOKEN, as_signed)


@pytest.mark.parametrize(
    ("given", "token", "url", "form"),
    [
        (None, TOKEN, URL, FORM),
        ("", TOKEN, URL, FORM),
        ("é", TOKEN, URL, FORM),
        ("\udcff", TOKEN, URL, FORM),
        (SIGNATURE, TOKEN, "https://\udcff/voice", FORM),
        (SIGNATURE, "54321", URL, FORM),
        (SIGNATURE, TOKEN, URL.replace("foo=1", "foo=2"), FORM),
        (SIGNATURE, TOKEN, URL.replace("https", "http"), FORM),
        (SIGNATURE, TOKEN, URL.replace(".com", ".com:8443"), FORM),
        (SIGNATURE, TOKEN, URL.replace(".com", ".com:80"), FORM),
        (SIGNATURE, TOKEN, URL, FORM | {"From": "+19990000000"}),
        (SIGNATURE, TOKEN, URL, {}),
    ],
)
def test_anything_else_is_not(given: str | None, token: str, url: str, form: dict[str, str]) -> None:
    assert not is_signed(given, token, url, form.items())


TICKET = Ticket("CA1", "conv_1", "+14155550132", "+14155550100", continued=False, expires_at=1000.0)


def test_a_ticket_opens_for_its_call_until_it_expires() -> None:
    text = sealed(TICKET, TOKEN)
    assert len(text) <= 500 - len("ticket")
    assert opened(text, TOKEN, call_sid="CA1", now_s=999.0) == TICKET
    assert opened(text, TOKEN, call_sid="CA1", now_s=1000.0) is None
    assert opened(text, TOKEN, call_sid="CA2", now_s=0.0) is None
    assert opened(text, "54321", call_sid="CA1", now_s=0.0) is None


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", sealed(TICKET, TOKEN)[:-4], sealed(TICKET, TOKEN).swapcase()])
def test_what_is_no_ticket_opens_nothing(text: str) -> None:
    assert opened(text, TOKEN, call_sid="CA1", now_s=0.0) is None
