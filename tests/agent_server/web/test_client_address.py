"""Addresses as limits count them."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.web.client_address import AddressLimit, client_address, is_loopback

PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),  # nobody we trust said so
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),  # the first was the client's own claim
        ("127.0.0.1", ["198.51.100.1", "203.0.113.7, 10.1.2.3"], "203.0.113.7"),
        ("127.0.0.1", ["nonsense"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        ("::ffff:203.0.113.7", [], "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("fe80::1%eth0", [], "fe80::/64"),
        ("::1", [], "::1"),
        (None, ["203.0.113.7"], "local"),
    ],
)
def test_the_address_of_a_client(peer: str | None, forwarded: list[str], expected: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.1", False),
        ("example.com", False),
        ("localhost.example.com", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_a_limit_lets_a_burst_through_and_then_its_rate() -> None:
    limit = AddressLimit(burst=3, per_minute=6)
    assert [limit.take("a", 0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 10.0]
    assert limit.take("b", 0.0) == 0.0
    assert limit.take("a", 9.9) > 0
    assert limit.take("a", 10.1) == 0.0
    assert limit.take("a", 10.1) > 0


def test_asking_how_long_to_wait_uses_nothing_up() -> None:
    limit = AddressLimit(burst=1, per_minute=60)
    assert [limit.wait_s("a", 0.0) for _ in range(5)] == [0.0] * 5
    limit.take("a", 0.0)
    assert limit.wait_s("a", 0.5) == pytest.approx(0.5)


def test_only_so_many_addresses_are_remembered() -> None:
    limit = AddressLimit(burst=1, per_minute=1, max_addresses=100)
    for number in range(1000):
        limit.take(str(number), 0.0)
    assert len(limit) == 100
    assert limit.wait_s("999", 0.0) > 0
    assert limit.wait_s("0", 0.0) == 0.0, "the one not seen for longest starts afresh"


@given(st.lists(st.floats(0, 5), max_size=60), st.integers(1, 5), st.floats(1, 600))
def test_never_more_than_the_burst_and_the_rate(gaps_s: list[float], burst: int, per_minute: float) -> None:
    limit = AddressLimit(burst=burst, per_minute=per_minute)
    now_s, taken = 0.0, 0
    for gap_s in gaps_s:
        now_s += gap_s
        taken += limit.take("a", now_s) == 0.0
        assert taken <= burst + now_s * per_minute / 60 + 1e-6
