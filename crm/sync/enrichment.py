"""Fills in what enrichment providers know of contacts. They never overwrite: a field gets a value only where it is
empty, and everything they say is kept under their name in ``enrichment_data``."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
from msgspec import Struct

from crm.contact import CONTACT_FIELDS, FURTHER, Enrichment, PersonKey
from crm.errors import CrmError, GiveUp, InvalidRecord, RateLimited
from crm.linkedin.scraper import LinkedInScraper
from crm.mapping import linkedin_url
from crm.platforms import TWO_WAY
from crm.provider import Capability, Provider
from crm.sync.editing import tidy
from crm.sync.further import knowing
from crm.sync.outbox import concerns_all
from crm.sync.run import Run
from storage import email_address
from storage.crm.contacts import ContactRow, lock_contact, lock_matching, save_contacts
from storage.crm.outbox import send_contacts
from storage.crm.phone_requests import PhoneRequest, note_phone_request
from storage.crm.sync_runs import Tally
from storage.crm.sync_state import save_enrich_after
from storage.keys.secret_tokens import new_id
from storage.postgres.database import Transaction

FRESH_FOR = timedelta(days=30)
"""Asking again sooner costs credits and brings the same."""


async def enrich(
    run: Run, provider: Provider, *, filters: dict[str, Any], scraper: LinkedInScraper | None = None
) -> None:
    """The phase of platforms that only tell: those asked for, or everybody whose turn it is, or the own profile.
    Raises CrmError, Stopped."""
    enrichment = EnrichmentRun(run, provider)
    can = provider.capabilities
    if emails := filters.get("emails"):
        await enrichment.emails(emails)
    elif urls := filters.get("profile_urls"):
        await enrichment.profiles(urls, scraper)
    elif Capability.ENRICH_PERSON in can or Capability.ENRICH_PEOPLE in can:
        await provider.check()
        while await enrichment.step():
            run.check_stop()
    elif Capability.PROFILE in can:
        await enrichment.own_profile()


class Learned(Struct, frozen=True):
    """What was found of somebody, contact or not; ``email``: the address they were asked for by."""

    row: ContactRow | None
    enrichment: Enrichment | None
    email: str | None = None


class EnrichmentRun:
    """Goes through the contacts by id; the place it has reached is saved once the rows are."""

    def __init__(self, run: Run, provider: Provider) -> None:
        self._run = run
        self._provider = provider

    async def step(self) -> bool:
        """Enrich the next few contacts; False: it has come round. Raises CrmError."""
        run = self._run
        state = await run.store.state.get(run.platform)
        rows = await run.store.contacts.to_enrich(
            run.platform,
            after=state.enrich_after or "",
            before=run.now() - FRESH_FOR,
            rows=self._provider.bulk_size,
        )
        if not rows:
            async with run.writing() as transaction:
                await save_enrich_after(transaction, run.platform, None)
            return False
        found = await self._ask_about(rows)
        await self._take([Learned(row, enrichment) for row, enrichment in zip(rows, found, strict=True)])
        async with run.writing() as transaction:
            await save_enrich_after(transaction, run.platform, rows[-1].id)
        return True

    async def emails(self, emails: Sequence[str]) -> None:
        """Enrich these people; those who are no contacts yet become some. Raises CrmError, Stopped."""
        size = self._provider.bulk_size
        wanted = list(dict.fromkeys(filter(None, map(email_address.normalised, emails))))
        for start in range(0, len(wanted), size):
            self._run.check_stop()
            some = wanted[start : start + size]
            known = [await self._run.store.contacts.of_person(email, None) for email in some]
            found = await self._ask_about(known, some)
            await self._take([Learned(*about) for about in zip(known, found, some, strict=True)])

    async def own_profile(self) -> None:
        """The member who signed in, as a contact. Raises CrmError."""
        profile = await self._provider.profile()
        rows = await self._run.store.contacts.of_external_ids(self._run.platform, [profile.external_id or ""])
        await self._take([Learned(rows[0] if rows else None, profile)])

    async def profiles(self, urls: Sequence[str], scraper: LinkedInScraper | None) -> None:
        """Public profiles, where reading them is switched on. Raises CrmError, Stopped."""
        if scraper is None:
            raise GiveUp("scraping_not_allowed", "reading other people's profiles is switched off", platform="linkedin")
        for url in urls:
            self._run.check_stop()
            try:
                found = await scraper.enrich_person(PersonKey(linkedin_url=url))
            except CrmError as error:
                if isinstance(error, RateLimited) or concerns_all(error):
                    raise
                self._run.note_error(error.code)
                await self._take_together([], failed=1)
                continue
            row = await self._run.store.contacts.of_person(None, linkedin_url.normalised(url))
            await self._take([Learned(row, found)])

    async def _take(self, learned: Sequence[Learned]) -> None:
        """In one transaction; each in its own where one of them holds what the database never takes. Of that one
        nothing is kept but that it was asked about: the answer would be the same again."""
        try:
            await self._take_together(learned)
        except InvalidRecord as error:
            if len(learned) > 1:
                for one in learned:
                    await self._take([one])
                return
            self._run.note_error(error.code)
            await self._take_together([Learned(one.row, None) for one in learned if one.row is not None], failed=1)

    async def _take_together(self, learned: Sequence[Learned], *, failed: int = 0) -> None:
        tally = Tally(failed=failed)
        async with self._run.writing(lambda: tally) as transaction:
            for one in learned:
                tally += await self._take_person(transaction, one)

    async def _take_person(self, transaction: Transaction, learned: Learned) -> Tally:
        row, enrichment = learned.row, learned.enrichment
        if row is None and enrichment is not None and enrichment.external_id is not None:
            # known under another address, or deleted
            row = next(iter(await lock_matching(transaction, enrichment.platform, [enrichment.external_id], [])), None)
        if row is not None:
            return await self._take_in(transaction, row.id, enrichment)
        if enrichment is None:
            return Tally(processed=1)
        now = self._run.now()
        contact_id = new_id("contact")
        blank = ContactRow(
            id=contact_id,
            crm_platform=enrichment.platform,
            external_id=enrichment.external_id,
            reference=contact_id,
            email=enrichment.fields.email or learned.email,
            created_at=now,
            updated_at=now,
        )
        enriched = self._enriched(blank, enrichment)
        await save_contacts(transaction, [enriched])
        await self._expect_phones(transaction, blank, enrichment, enriched)
        return Tally(processed=1, created=1)

    async def _ask_about(
        self, rows: Sequence[ContactRow | None], emails: Sequence[str] = ()
    ) -> list[Enrichment | None]:
        """In their order. Those without a telephone number are asked about together: numbers are credits."""
        keys = [key_of(row) if row is not None else PersonKey(email=emails[at]) for at, row in enumerate(rows)]
        found: dict[int, Enrichment | None] = {}
        for phones in (False, True):
            some = [at for at, row in enumerate(rows) if self._wants_phones(row) == phones]
            if some:
                found |= zip(some, await self._ask([keys[at] for at in some], phones=phones), strict=True)
        return [found[at] for at in range(len(rows))]

    def _wants_phones(self, row: ContactRow | None) -> bool:
        return self._provider.finds_phones and (row is None or row.phone is None)

    async def _ask(self, keys: Sequence[PersonKey], *, phones: bool) -> Sequence[Enrichment | None]:
        if Capability.ENRICH_PEOPLE in self._provider.capabilities:
            return await self._provider.enrich_people(keys, phones=phones)
        return [await self._provider.enrich_person(key) for key in keys]

    async def _expect_phones(
        self, transaction: Transaction, row: ContactRow, enrichment: Enrichment, enriched: ContactRow
    ) -> None:
        """``row`` was asked about, ``enriched`` is what came of it at once."""
        if self._wants_phones(row) and enrichment.external_id is not None:
            request = PhoneRequest(enrichment.external_id, row.id, stand_in=enriched.phone)
            await note_phone_request(transaction, self._run.platform, request, now=self._run.now())

    async def _take_in(self, transaction: Transaction, contact_id: str, enrichment: Enrichment | None) -> Tally:
        run = self._run
        row = await lock_contact(transaction, contact_id)
        assert row is not None  # rows of contacts are never deleted
        seen = row.enriched_at | {run.platform: run.now()}
        if enrichment is None or row.deleted_at is not None:
            await save_contacts(transaction, [msgspec.structs.replace(row, enriched_at=seen)])
            return Tally(processed=1)
        enriched = self._enriched(row, enrichment)
        await save_contacts(transaction, [enriched])
        await self._expect_phones(transaction, row, enrichment, enriched)
        filled = any(getattr(enriched, name) != getattr(row, name) for name in (*CONTACT_FIELDS, *FURTHER.values()))
        if filled and row.crm_platform in TWO_WAY:
            await send_contacts(transaction, row.crm_platform, [row.id], now=run.now())
        return Tally(processed=1, updated=1)

    def _enriched(self, row: ContactRow, enrichment: Enrichment) -> ContactRow:
        now = self._run.now()
        learned = tidy(enrichment.fields)
        values = {
            name: getattr(learned, name)
            for name in CONTACT_FIELDS
            if getattr(row, name) is None and getattr(learned, name) is not None and name not in row.refused
        }
        before = row.enrichment_data.get(enrichment.platform)
        known = before | enrichment.data if isinstance(before, dict) else enrichment.data
        data: dict[str, Any] = {**row.enrichment_data, enrichment.platform: known}
        filled = msgspec.structs.replace(row, **values)
        # A number may be the company's, which stands in until Apollo has the person's.
        return msgspec.structs.replace(
            knowing(filled, msgspec.structs.replace(learned, phone=filled.phone)),
            enrichment_data=data,
            enriched_at=row.enriched_at | {self._run.platform: now},
            field_times=row.field_times | dict.fromkeys([*values, "enrichment_data"], now),
            version=row.version + 1,
            updated_at=now,
            last_synced_at=now,
        )


def key_of(row: ContactRow) -> PersonKey:
    """What identifies a contact to an enrichment provider."""
    return PersonKey(
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        company=row.company,
        linkedin_url=linkedin_url.normalised(row.linkedin_url) if row.linkedin_url else None,
    )
