"""LinkedIn as a provider: the signed-in member's own profile, and posting. Other people's profiles have no API."""

from crm.client import BACKGROUND, ApiClient, CallOptions
from crm.contact import Account, Enrichment
from crm.linkedin import posts
from crm.linkedin import profile as own
from crm.provider import Capability, Provider


class LinkedInProvider(Provider):
    platform = "linkedin"
    capabilities = frozenset({Capability.PROFILE, Capability.POSTING})

    def __init__(self, client: ApiClient, *, api_version: str = posts.API_VERSION) -> None:
        self._client = client
        self._api_version = api_version

    async def check(self, options: CallOptions = BACKGROUND) -> Account:
        member = await self._member(options)
        return Account(self.platform, member.name or member.sub)

    async def profile(self, options: CallOptions = BACKGROUND) -> Enrichment:
        return own.enrichment(await self._member(options))

    async def post(self, text: str, options: CallOptions = BACKGROUND) -> str:
        member = await self._member(options)
        request = posts.create(member.sub, text, api_version=self._api_version)
        return posts.created(await self._client.send(request, options))

    async def _member(self, options: CallOptions) -> own.UserInfo:
        return await self._client.json(own.get(), own.UserInfo, options)
