"""Apollo as a provider: it only tells, nothing is written there."""

import logging
from collections.abc import Sequence

import msgspec

from crm.apollo import account, organizations, people
from crm.client import BACKGROUND, ApiClient, CallOptions
from crm.contact import Account, Enrichment, PersonKey
from crm.errors import Unauthorized
from crm.mapping import apollo as mapping
from crm.provider import Capability, Provider

_log = logging.getLogger(__name__)


class ApolloProvider(Provider):
    """``phones``: where telephone numbers may be posted. They cost more and come later, so they are asked for only
    where the caller says that somebody waits for them."""

    platform = "apollo"
    bulk_size = people.BULK_SIZE
    capabilities = frozenset({Capability.ENRICH_PERSON, Capability.ENRICH_PEOPLE, Capability.ENRICH_COMPANY})

    def __init__(self, client: ApiClient, *, phones: people.PhoneDelivery | None = None) -> None:
        self._client = client
        self._phones = phones

    async def check(self, options: CallOptions = BACKGROUND) -> Account:
        state = await self._client.json(account.health(), account.Health, options)
        if not state.is_logged_in:
            raise Unauthorized("credentials_refused", "Apollo does not know this key", platform=self.platform)
        return Account(self.platform, "Apollo")

    async def enrich_person(self, key: PersonKey, options: CallOptions = BACKGROUND) -> Enrichment | None:
        answer = await self._client.json(people.match(key), people.MatchAnswer, options)
        return mapping.person(answer.person) if answer.person else None

    @property
    def finds_phones(self) -> bool:
        return self._phones is not None

    async def enrich_people(
        self, keys: Sequence[PersonKey], options: CallOptions = BACKGROUND, *, phones: bool = False
    ) -> tuple[Enrichment | None, ...]:
        request = people.bulk_match(keys, self._phones if phones else None)
        answer = await self._client.json(request, people.BulkAnswer, options)
        if len(answer.matches) != len(keys):
            # matches belong to people by position alone, so a count that differs could mix two people up
            raise self._client.dialect.misread("one match or null for each person asked for")
        return tuple(map(_found, answer.matches))

    async def enrich_company(self, domain: str, options: CallOptions = BACKGROUND) -> Enrichment | None:
        answer = await self._client.json(organizations.enrich(domain), organizations.EnrichAnswer, options)
        return mapping.company(answer.organization) if answer.organization else None


def _found(raw: msgspec.Raw) -> Enrichment | None:
    """One person in a form nobody documented is nobody found, and costs the other nine nothing."""
    try:
        person = people.matched(raw)
    except msgspec.DecodeError:
        _log.warning("apollo: a person that was found cannot be read")
        return None
    return mapping.person(person) if person else None
