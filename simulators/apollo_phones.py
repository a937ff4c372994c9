"""Apollo's telephone numbers: found a while after they were asked for, and posted to the address that was given."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from random import Random
from typing import Any

import aiohttp
from aiohttp import web

_TIMEOUT_S = 10.0
_MOST_UNDER_WAY = 1000


class PhoneFinder:
    """Posts what ``ask`` called for, while ``running``. The vendor does not sign what it posts."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._under_way: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self.asked: list[str] = []
        """Ids of people whose numbers were asked for."""
        self.answered: list[int] = []
        """Status of each delivery; 0: nobody was there."""

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """For an application's ``cleanup_ctx``."""
        async with aiohttp.ClientSession() as session:
            self._session = session
            yield
            self._session = None
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    def ask(self, url: str, people: Iterable[dict[str, Any]], *, delay_s: float, copies: int) -> None:
        """Raises nothing: at its bound the vendor forgets."""
        found = [{"id": person["id"], "phone_numbers": [self._number(person["id"])]} for person in people]
        self.asked += [person["id"] for person in found]
        if not found or self._session is None or len(self._under_way) >= _MOST_UNDER_WAY:
            return
        task = asyncio.create_task(self._post(self._session, url, {"people": found}, delay_s, copies))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def _number(self, person_id: str) -> dict[str, Any]:
        digits = f"{Random(f'{self._seed}/phone/{person_id}').randrange(10_000):04d}"
        raw = f"+1 541-556-{digits}"
        return {"raw_number": raw, "sanitized_number": f"+1541556{digits}", "type_cd": "mobile"}

    async def _post(
        self, session: aiohttp.ClientSession, url: str, body: dict[str, Any], delay_s: float, copies: int
    ) -> None:
        await asyncio.sleep(delay_s)
        for _ in range(copies):
            try:
                async with session.post(url, json=body, timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)) as answer:
                    self.answered.append(answer.status)
            except (aiohttp.ClientError, TimeoutError, OSError):
                self.answered.append(0)
