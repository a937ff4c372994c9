"""``/v2/userinfo``: the signed-in member, by OpenID Connect. There is no more: no headline, company or connections."""

from msgspec import Struct

from crm import http
from crm.contact import ContactFields, Enrichment
from crm.http import Request
from crm.linkedin.dialect import GROUP
from crm.mapping import names
from storage import email_address


class UserInfo(Struct, frozen=True):
    """``sub`` is the member's id for this app alone."""

    sub: str
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    picture: str | None = None
    email: str | None = None
    email_verified: bool | None = None


def get() -> Request:
    return http.get("/v2/userinfo", GROUP)


def enrichment(member: UserInfo) -> Enrichment:
    first, last = names.tidy(member.given_name), names.tidy(member.family_name)
    if first is None and last is None:
        first, last = names.split(member.name)
    return Enrichment(
        platform="linkedin",
        external_id=member.sub,
        fields=ContactFields(email=email_address.normalised(member.email), first_name=first, last_name=last),
        data={"picture": member.picture, "email_verified": member.email_verified},
    )
