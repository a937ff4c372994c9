"""Which pages may call."""

import pytest

from agent_server.web.origins import OriginPolicy, is_loopback_host, normal_origin

SITE = "https://www.example.com"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://Example.COM", "https://example.com"),
        ("https://example.com:443/", "https://example.com"),
        ("http://example.com:80", "http://example.com"),
        ("http://example.com:8080", "http://example.com:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("null", None),
        ("", None),
        ("file:///etc/passwd", None),
        ("https://user@example.com", None),
        ("https://example.com:99999", None),
        ("https://", None),
    ],
)
def test_normal_form(text: str, expected: str | None) -> None:
    assert normal_origin(text) == expected


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "127.0.0.1:8080", True),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", True),
        ("http://localhost:8080", "localhost:8080", True),
        ("http://localhost:3000", "localhost:8080", False),
        ("http://evil.example", "127.0.0.1:8080", False),
        # A name of somebody else's that points to this machine (DNS rebinding).
        ("http://evil.example:8080", "evil.example:8080", False),
        ("null", "127.0.0.1:8080", False),
        (SITE, "127.0.0.1:8080", True),
        (SITE + ":443", "127.0.0.1:8080", True),
        ("http://www.example.com", "127.0.0.1:8080", False),
        ("https://www.example.com.evil.example", "127.0.0.1:8080", False),
        ("https://agent.example.com", "anything", True),
    ],
)
def test_on_loopback(origin: str | None, host: str, allowed: bool) -> None:
    policy = OriginPolicy(allowed=frozenset({SITE}), public_origin="https://agent.example.com", loopback=True)
    assert policy.allows(origin, host) is allowed


def test_on_the_network_the_name_it_is_called_by_is_its_own() -> None:
    policy = OriginPolicy(loopback=False)
    assert policy.allows("https://agent.example.com", "agent.example.com")
    assert policy.allows("http://192.168.1.5:8080", "192.168.1.5:8080")
    assert not policy.allows("https://other.example.com", "agent.example.com")
    assert not policy.allows("https://agent.example.com", None)


def test_any_origin() -> None:
    assert OriginPolicy(allowed=frozenset({"*"})).allows("https://anybody.example", "x")


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1:8080", True), ("localhost", True), ("[::1]:80", True), ("evil.example:80", False), ("[", False)],
)
def test_loopback_hosts(host: str, expected: bool) -> None:
    assert is_loopback_host(host) is expected
