"""A fourth CRM, in one file: with what ``crm/README.md`` asks for it is kept in step both ways.

It is as plain as they come: people and nothing else, no change feed, no webhooks, no search.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from crm import http
from crm.client import BACKGROUND, ApiClient, CallOptions
from crm.contact import Account, ContactFields, ContactPage, Gone, Holding, RemoteContact
from crm.dialect import Dialect
from crm.errors import ChangedMeanwhile, NotFound
from crm.http import Request
from crm.mapping import names
from crm.provider import Capability, Provider
from storage import email_address

PLATFORM = "tiny"


class TinyDialect(Dialect):
    platform = PLATFORM

    def refused_fields(self, body: Mapping[str, object]) -> tuple[str, ...]:
        wrong = body.get("wrong")
        return tuple(wrong) if isinstance(wrong, list) else ()


class TinyPerson(Struct):
    id: str
    mail: str | None = None
    name: str | None = None
    company: str | None = None
    mark: str | None = None
    changed: datetime | None = None

    def in_our_terms(self, known: ContactFields | None = None) -> RemoteContact:
        """Nothing holds a person: each is its own parent."""
        before = known or ContactFields()
        first, last = names.split_as_known(self.name, before.first_name, before.last_name)
        return RemoteContact(
            PLATFORM,
            self.id,
            ContactFields(
                email=email_address.normalised(self.mail), first_name=first, last_name=last, company=self.company
            ),
            self.changed,
            parent_id=self.id,
            reference=self.mark,
        )


class TinyPage(Struct):
    people: tuple[TinyPerson, ...]
    next: str | None = None


def list_people(**wanted: object) -> Request:
    return http.get("/people", "people:read", wanted)


def get_person(person_id: str) -> Request:
    return http.get(f"/people/{person_id}", "people:read")


def add_person(fields: ContactFields, mark: str) -> Request:
    return http.send_json("POST", "/people", "people:write", _body(fields) | {"mark": mark}, idempotent=False)


def set_person(person_id: str, changes: ContactFields) -> Request:
    return http.send_json("PATCH", f"/people/{person_id}", "people:write", _body(changes), idempotent=True)


def _body(fields: ContactFields) -> dict[str, str]:
    full = names.joined(fields.first_name, fields.last_name)
    named = {"mail": fields.email, "name": full, "company": fields.company}
    return {name: value for name, value in named.items() if value}


class TinyProvider(Provider):
    platform = PLATFORM
    capabilities = frozenset(
        {Capability.READ, Capability.LIST, Capability.CREATE, Capability.UPDATE, Capability.DELETE}
    )

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    async def check(self, options: CallOptions = BACKGROUND) -> Account:
        await self._client.send(http.get("/whoami", "whoami"), options)
        return Account(PLATFORM, "Tiny")

    async def get_contact(
        self, external_id: str, known: ContactFields | None = None, options: CallOptions = BACKGROUND
    ) -> RemoteContact | Gone:
        try:
            person = await self._client.json(get_person(external_id), TinyPerson, options)
        except NotFound:
            return Gone(external_id)
        return person.in_our_terms(known)

    async def held_by(
        self, parent_id: str, known: Mapping[str, ContactFields] | None = None, options: CallOptions = BACKGROUND
    ) -> Holding | Gone:
        found = await self.get_contact(parent_id, (known or {}).get(parent_id), options)
        return found if isinstance(found, Gone) else Holding((found,))

    async def list_contacts(
        self, cursor: str | None = None, *, since: datetime | None = None, options: CallOptions = BACKGROUND
    ) -> ContactPage:
        wanted = {"after": cursor, "since": since and since.isoformat()}
        page = await self._client.json(list_people(**wanted), TinyPage, options)
        return ContactPage(tuple(person.in_our_terms() for person in page.people), page.next)

    async def create_contact(
        self, fields: ContactFields, *, reference: str, parent_id: str | None = None, options: CallOptions = BACKGROUND
    ) -> RemoteContact:
        return (await self._client.json(add_person(fields, reference), TinyPerson, options)).in_our_terms(fields)

    async def find_created(
        self, reference: str, fields: ContactFields, *, since: datetime, options: CallOptions = BACKGROUND
    ) -> RemoteContact | Gone | None:
        page = await self._client.json(list_people(mark=reference), TinyPage, options)
        return page.people[0].in_our_terms(fields) if page.people else None

    async def update_contact(
        self, seen: RemoteContact, changes: ContactFields, options: CallOptions = BACKGROUND
    ) -> RemoteContact:
        now = await self._client.json(get_person(seen.external_id), TinyPerson, options)
        if now.in_our_terms(seen.fields).fields != seen.fields:
            raise ChangedMeanwhile("changed_meanwhile", "the person changed since it was read", platform=PLATFORM)
        if changes.first_name or changes.last_name:  # one name over there
            first, last = changes.first_name or seen.fields.first_name, changes.last_name or seen.fields.last_name
            changes = msgspec.structs.replace(changes, first_name=first, last_name=last)
        person = await self._client.json(set_person(seen.external_id, changes), TinyPerson, options)
        return person.in_our_terms(changes if changes.first_name or changes.last_name else seen.fields)

    async def delete_contact(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        try:
            await self._client.send(http.delete(f"/people/{external_id}", "people:write"), options)
        except NotFound:
            return
