"""Enters what is used of speech providers in the ledger, at its price."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal
from uuid import uuid4

from msgspec import Struct, structs

from pipelines.bill import Bills
from pipelines.llm.gateway.port import Attribution
from pipelines.speech_usage.prices import SpeechPriceList
from storage.ledger.records import SpeechUsageRecord, Tracker


class SpeechLedger(Struct, frozen=True, kw_only=True):
    """``bills``: those of the agents' runs, which pay for what is heard and spoken in their name."""

    tracker: Tracker
    prices: SpeechPriceList
    bills: Bills
    utc_now: Callable[[], datetime]

    def enter(self, row: SpeechUsageRecord) -> float | None:
        """Records it with its cost, which is returned; None: not known."""
        price = self.prices.price_of(row.kind, row.provider)
        characters = row.characters_spoken + row.characters_discarded
        cost_usd = None if price is None else price.cost_usd(row.audio_seconds, characters)
        self.tracker.record(structs.replace(row, cost_usd=cost_usd))
        return cost_usd

    def heard(self, whose: Attribution, provider: str, seconds: float) -> None:
        """A recogniser was given a recording."""
        self._once("stt", whose, provider, seconds=seconds)

    def spoke(self, whose: Attribution, provider: str, characters: int) -> None:
        """A voice was given a text."""
        self._once("tts", whose, provider, characters=characters)

    def _once(
        self,
        kind: Literal["stt", "tts"],
        whose: Attribution,
        provider: str,
        *,
        seconds: float = 0.0,
        characters: int = 0,
    ) -> None:
        row = SpeechUsageRecord(
            id=f"speech_{uuid4().hex}",
            provider=provider,
            kind=kind,
            conversation_id=whose.conversation_id,
            lead_id=whose.lead_id,
            execution_id=whose.execution_id,
            audio_seconds=seconds,
            characters_spoken=characters,
            created_at=self.utc_now(),
        )
        cost_usd = self.enter(row)
        bill = self.bills.of(whose.execution_id)
        if bill is not None:
            bill.add(cost_usd)
