"""Links to unsubscribe are this server's own, and stay good."""

from uuid import UUID

from agent_server.campaigns.unsubscribing import Unsubscription, links_of
from storage import email_address

ID = UUID(int=7)


def test_a_link_names_its_message_and_address_and_cannot_be_made_up() -> None:
    links = links_of("https://agent.example.com/", "key-of-today")
    token = links.token(ID, "Ann@One.test")
    assert links.url(token) == f"https://agent.example.com/unsubscribe/{token}"
    assert links.read(token) == Unsubscription(ID, email_address.hashed("ann@one.test"))
    assert links_of(None, "key-of-tomorrow, key-of-today").read(token) is not None, "after the key was replaced"
    assert links_of(None, "another").read(token) is None
    for wrong in ("", "x", "ä", token[:-2], token[:-4] + "AAAA", "B" + token[1:], token + "AA", "=" * 9):
        assert links.read(wrong) is None, wrong


def test_each_message_has_a_link_of_its_own() -> None:
    links = links_of("https://x.test", "k")
    assert len({links.token(UUID(int=number), "a@b.test") for number in range(50)}) == 50
