import pytest

from agent_server.cli.calling.door import UrlError, door_url, is_loopback

DOOR = "ws://127.0.0.1:8080/v1/realtime?model=sales-agent&channel=terminal"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8080",
        "http://127.0.0.1:8080/",
        "127.0.0.1:8080",
        "ws://127.0.0.1:8080/v1",
        "ws://127.0.0.1:8080/v1/realtime",
        "http://127.0.0.1:8080/v1/realtime/",
    ],
)
def test_one_door_from_every_way_of_writing_it(address: str) -> None:
    assert door_url(address, model="sales-agent", conversation=None) == DOOR


def test_tls_paths_and_parameters_stay() -> None:
    url = door_url("https://host/agent/v1?model=mine&a=b", model="sales-agent", conversation="conv 1")
    assert url == "wss://host/agent/v1/realtime?model=mine&a=b&channel=terminal&conversation=conv+1"


@pytest.mark.parametrize("address", ["", "ftp://host", "http://", "http://host:port", "http://[::1"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(UrlError):
        door_url(address, model="m", conversation=None)


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("http://localhost:1", True),
        ("127.0.0.1", True),
        ("ws://[::1]:8080/v1", True),
        ("http://127.0.0.1.evil.example", False),
        ("https://agent.example.com", False),
        ("http://localhost@evil.example", False),
    ],
)
def test_whose_machine_it_is(address: str, own: bool) -> None:
    assert is_loopback(address) is own
