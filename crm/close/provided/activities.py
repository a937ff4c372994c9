"""Calls and notes of a lead."""

from collections.abc import Sequence
from datetime import datetime

from crm.client import BACKGROUND, CallOptions
from crm.close import calls, notes
from crm.close.provided.part import ClosePart, created_after
from crm.close.records import Activity
from crm.contact import CallOutcome


class CloseActivities(ClosePart):
    async def log_call(
        self,
        parent_id: str,
        outcome: CallOutcome,
        *,
        reference: str,
        contact_id: str | None = None,
        options: CallOptions = BACKGROUND,
    ) -> str:
        draft = calls.from_outcome(outcome, notes.with_reference(outcome.notes, reference), contact_id)
        return (await self.api.one(calls.create(parent_id, draft), Activity, options)).id

    async def find_call(
        self, parent_id: str, reference: str, *, since: datetime, options: CallOptions = BACKGROUND
    ) -> str | None:
        start = created_after(since)
        entries = await self.api.every(
            lambda skip: calls.of_lead(parent_id, created_after=start, skip=skip), Activity, options
        )
        return _with_reference(entries, reference)

    async def remove_call(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        await self.api.remove(calls.delete(external_id), options)

    async def add_note(
        self,
        parent_id: str,
        text: str,
        *,
        reference: str,
        contact_id: str | None = None,
        options: CallOptions = BACKGROUND,
    ) -> str:
        request = notes.create(parent_id, notes.with_reference(text, reference), contact_id)
        return (await self.api.one(request, Activity, options)).id

    async def find_note(
        self, parent_id: str, reference: str, *, since: datetime, options: CallOptions = BACKGROUND
    ) -> str | None:
        start = created_after(since)
        entries = await self.api.every(
            lambda skip: notes.of_lead(parent_id, created_after=start, skip=skip), Activity, options
        )
        return _with_reference(entries, reference)

    async def remove_note(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        await self.api.remove(notes.delete(external_id), options)


def _with_reference(entries: Sequence[Activity], reference: str) -> str | None:
    return next((e.id for e in entries if reference in (e.note_html or "") or reference in (e.note or "")), None)
