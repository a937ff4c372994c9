"""Sends the requests the resource modules build, and reads the answers as records."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from crm.client import BACKGROUND, ApiClient, CallOptions
from crm.close import events, pages, search
from crm.close.records import Event, read
from crm.errors import BadAnswer, InvalidRecord, NotFound, ProviderUnavailable
from crm.http import Request

R = TypeVar("R", bound=Struct)
T = TypeVar("T")

MOST_PAGES = 100
"""At this bound a list is refused rather than cut: it is not one of the short lists it was taken for."""


MOST_RENEWALS = 3
"""Searches begun in place of one whose cursor was refused, until a page brings something new."""


class CloseApi:
    """One Close account. Methods raise CrmError."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client

    async def one(self, request: Request, form: type[R], options: CallOptions = BACKGROUND) -> R:
        """The record an answer holds."""
        response = await self.client.send(request, options)
        return self._read(lambda: read(form, msgspec.json.decode(response.body, type=dict[str, Any])))

    def record(self, raw: dict[str, Any], form: type[R]) -> R:
        """A row of a search, or an event's data."""
        return self._read(lambda: read(form, raw))

    async def every(
        self, page: Callable[[int], Request], form: type[R], options: CallOptions = BACKGROUND
    ) -> tuple[R, ...]:
        """All records of a short list; ``page`` builds the request for what follows the given number of records."""
        gathered: list[R] = []
        for _ in range(MOST_PAGES):
            response = await self.client.send(page(len(gathered)), options)
            rows, has_more = self._read(partial(pages.rows, response, form))
            gathered += rows
            if not has_more:
                return tuple(gathered)
        raise BadAnswer("list_too_long", f"more than {MOST_PAGES} pages of {form.__name__}", platform="close")

    async def remove(self, request: Request, options: CallOptions = BACKGROUND) -> None:
        """A deletion; what is gone already is deleted."""
        try:
            await self.client.send(request, options)
        except NotFound:
            return

    async def find(self, request: Request, options: CallOptions = BACKGROUND) -> list[dict[str, Any]]:
        """The rows of a single-page search."""
        return (await self.client.json(request, search.SearchAnswer, options)).data

    async def walk(
        self, state: search.Walk, options: CallOptions = BACKGROUND
    ) -> tuple[list[dict[str, Any]], search.Walk | None]:
        """The next page of a walk that brings something new or says what it passes over, or its end.

        A cursor that is no longer good is replaced by a new search, which begins with rows that came before; they are
        passed at once, while its own cursor lasts.
        """
        renewals = 0
        while True:
            try:
                answer = await self.client.json(search.request(state), search.SearchAnswer, options)
            except InvalidRecord as error:
                if state.cursor is None:
                    raise
                renewals += 1
                if renewals > MOST_RENEWALS:
                    reason = "the cursors of a search ran out before it brought anything new"
                    raise ProviderUnavailable("search_cursor_lost", reason, platform="close") from error
                state = search.renewed(state)
                continue
            rows, following = search.advance(state, answer)
            if rows or following is None or following.passed_over != state.passed_over:
                return rows, following
            state = following

    async def event_page(
        self, wanted: events.Wanted, options: CallOptions = BACKGROUND
    ) -> tuple[tuple[Event, ...], str | None]:
        """Events, newest first, and the cursor to older ones. What cannot be had in one piece is asked for in smaller
        ones; raises BadAnswer for a single event that is too much."""
        *larger, smallest = events.sizes()
        for rows in larger:
            try:
                return await self._event_page(events.request(wanted, rows), options)
            except BadAnswer:
                continue
        return await self._event_page(events.request(wanted, smallest), options)

    async def _event_page(self, request: Request, options: CallOptions) -> tuple[tuple[Event, ...], str | None]:
        response = await self.client.send(request, options)
        return self._read(lambda: events.events(response))

    def _read(self, reading: Callable[[], T]) -> T:
        try:
            return reading()
        except msgspec.DecodeError as error:
            raise self.client.dialect.misread("a Close record") from error
