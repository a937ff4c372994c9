"""The switch for reading other people's public LinkedIn profiles through a remote browser. Off unless somebody turns
it on, for these reasons:

* LinkedIn's User Agreement (section 8.2) forbids scraping and automated access. LinkedIn blocks accounts and addresses
  that do it, and has gone to court over it.
* A profile is personal data. Where the GDPR or a law like it applies, whoever turns this on needs a legal basis for
  collecting it, must tell the people concerned, and must delete it when asked.
* It never signs in: only what LinkedIn shows to anybody is read, at most 100 profiles a day, one after the other.

LinkedIn's own API serves the signed-in member alone; Apollo knows most business contacts without any of this.
"""

from msgspec import Struct

from crm.errors import GiveUp


class ScrapingTerms(Struct, frozen=True):
    """Who turned the switch on, having read the above, and on which legal basis. Both are required."""

    accepted_by: str
    legal_basis: str

    def __post_init__(self) -> None:
        if not self.accepted_by.strip() or not self.legal_basis.strip():
            raise ValueError("scraping terms: accepted_by and legal_basis are required")


def required(terms: ScrapingTerms | None) -> ScrapingTerms:
    """Raises GiveUp ``scraping_disabled`` while the switch is off."""
    if terms is None:
        raise GiveUp("scraping_disabled", "reading LinkedIn profiles is switched off", platform="linkedin")
    return terms
