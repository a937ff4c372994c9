"""Where webhooks may go: decided from the text of a URL, and from what a name leads to."""

import pytest

from agent_server.settings import read_settings
from agent_server.web.errors import Problem
from agent_server.webhooks.addresses import Reach, check_url, reach_of

WORLD, OWN, PRIVATE = Reach(), Reach(loopback=True), Reach(private=True)
CODES = {
    "https://example.com/hooks": (None, None, None),
    "https://example.com:8443/hooks?a=b": (None, None, None),
    "http://example.com/": ("webhook_url_not_https", None, None),  # what the name leads to is looked at later
    "http://127.0.0.1:9000/": ("webhook_url_not_https", None, None),
    "https://127.0.0.1/": ("webhook_address_not_allowed", None, None),
    "https://[::1]/": ("webhook_address_not_allowed", None, None),
    "https://10.0.0.7/": ("webhook_address_not_allowed", "webhook_address_not_allowed", None),
    "https://169.254.169.254/": ("webhook_address_not_allowed",) * 3,
    "https://[fe80::1]/": ("webhook_address_not_allowed",) * 3,
    "https://[::ffff:169.254.169.254]/": ("webhook_address_not_allowed",) * 3,
    "https://0.0.0.0/": ("webhook_address_not_allowed",) * 3,
    "https://2130706433/": ("webhook_address_not_allowed",) * 3,
    "https://0x7f.1/": ("webhook_address_not_allowed",) * 3,
    "http://8.8.8.8/": ("webhook_url_not_https", "webhook_address_not_allowed", "webhook_address_not_allowed"),
    "https://user:secret@example.com/": ("webhook_url_invalid",) * 3,
    "https://example.com/#part": ("webhook_url_invalid",) * 3,
    "ftp://example.com/": ("webhook_url_invalid",) * 3,
    "example.com": ("webhook_url_invalid",) * 3,
    "https://": ("webhook_url_invalid",) * 3,
    "https://example.com:99999/": ("webhook_url_invalid",) * 3,
}


def code_of(url: str, reach: Reach) -> str | None:
    try:
        check_url(url, reach)
    except Problem as problem:
        return problem.code if (problem.status, problem.param) == (422, "url") else "unfit"
    return None


@pytest.mark.parametrize("url", CODES)
def test_what_a_url_may_be(url: str) -> None:
    assert tuple(code_of(url, reach) for reach in (WORLD, OWN, PRIVATE)) == CODES[url]


def test_what_a_name_may_lead_to() -> None:
    def reached(address: str, scheme: str = "https") -> tuple[bool, ...]:
        return tuple(reach.allows(address, scheme) for reach in (WORLD, OWN, PRIVATE))

    assert reached("93.184.216.34") == (True, True, True)
    assert reached("93.184.216.34", "http") == (False, False, False)
    for own in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert reached(own) == reached(own, "http") == (False, True, True)
    for private in ("10.1.2.3", "192.168.0.1", "172.16.0.1", "fd00::1", "::ffff:10.1.2.3"):
        assert reached(private) == reached(private, "http") == (False, False, True)
    for never in ("169.254.169.254", "fe80::1%eth0", "0.0.0.0", "224.0.0.1", "240.0.0.1", "64:ff9b::a9fe:a9fe", "x"):
        assert reached(never) == reached(never, "http") == (False, False, False)


def test_programs_of_this_machine_are_told_by_a_server_that_only_it_can_reach() -> None:
    def reach(**variables: str) -> Reach:
        return reach_of(read_settings(variables, {}, {}))

    assert reach() == OWN
    assert reach(PUBLIC_URL="https://agent.example.com") == WORLD, "behind a proxy the world can reach it"
    assert reach(HOST="0.0.0.0") == WORLD
    assert reach(HOST="0.0.0.0", WEBHOOK_PRIVATE_ADDRESSES="true") == PRIVATE
