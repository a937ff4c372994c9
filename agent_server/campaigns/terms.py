"""What a message has to carry by law (CAN-SPAM, 15 USC 7704; GDPR art. 21): who sends it and from where, and how to get
no more of them. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from agent_server.campaigns.unsubscribing import UnsubscribeLinks
from agent_server.settings import Settings
from pipelines.knowledge.analysis.languages import language_of
from pipelines.language.tags import ENGLISH
from pipelines.language.words import said


class Terms(Struct, frozen=True):
    """``company``: of messages that name none · ``sender`` empty: whoever sends the draft."""

    company: str
    postal_address: str
    sender: str
    links: UnsubscribeLinks

    def footer(self, token: str, company: str | None = None, *, below: str = "") -> str:
        """The last lines of a message from ``company``, in the language of the text they stand ``below``."""
        whence = ", ".join(filter(None, [company or self.company, self.postal_address]))
        way_out = said("To get no more of these messages:", language_of(below, ENGLISH))
        return f"-- \n{whence}\n{way_out}\n{self.links.url(token)}"


def missing(settings: Settings, *, send: bool) -> tuple[str, ...]:
    """Settings without which no campaign goes out; ``send``: and is sent by the CRM."""
    needed: Sequence[tuple[str, object]] = (
        ("PUBLIC_URL", settings.process.public_url),
        ("CAMPAIGN_POSTAL_ADDRESS", settings.campaigns.postal_address.strip()),
        ("CAMPAIGN_SENDER", settings.campaigns.sender.strip() or not send),
    )
    return tuple(name for name, value in needed if not value)


def terms_of(settings: Settings, links: UnsubscribeLinks) -> Terms | None:
    """None: nothing may go out."""
    if missing(settings, send=False):
        return None
    return Terms(
        company=settings.process.company_name.strip(),
        postal_address=" ".join(settings.campaigns.postal_address.split()),
        sender=settings.campaigns.sender.strip(),
        links=links,
    )
