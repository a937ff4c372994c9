"""What is counted of a conversation's speech, with the real core deciding what is spoken and what is dropped."""

from datetime import UTC, datetime

import pytest
from fake_call import FakeCall
from scripted_engines import FakeRecognizer, scripted_engines

from pipelines.bill import Bills
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import user_text
from pipelines.conversation.settings import ConversationSettings, SemanticVad
from pipelines.speech_usage.ledger import SpeechLedger
from pipelines.speech_usage.meter import SpeechMeter
from pipelines.speech_usage.prices import SpeechPrice, SpeechPriceList, all_speech_prices
from pipelines.stt.port import SttOptions
from storage.ledger.records import SpeechUsageRecord

EAGER = ConversationSettings(turn_detection=SemanticVad(eagerness="high"), transcribe=True)
NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
PRICES = SpeechPriceList(
    [
        SpeechPrice(provider="fake", kind="stt", source="a test", date="2026-11", per_minute=0.6),
        SpeechPrice(provider="fake", kind="tts", source="a test", date="2026-11", per_million_characters=50.0),
    ]
)


class Rows:
    def __init__(self) -> None:
        self.by_id: dict[str, SpeechUsageRecord] = {}

    def record(self, row) -> None:
        self.by_id[row.id] = row

    def of(self, kind: str) -> SpeechUsageRecord:
        (row,) = [row for row in self.by_id.values() if row.kind == kind]
        return row


class MeteredCall(FakeCall):
    """A call that is counted; ``given`` is what its voices were given, by generation."""

    def __init__(self, settings, meter: SpeechMeter) -> None:
        super().__init__(settings)
        self.meter = meter
        self.given: dict[int, int] = {}

    def send(self, fact):
        actions = super().send(fact)
        self.meter.saw(fact, actions, self.now_ms)
        for action in actions:
            if isinstance(action, act.Speak):
                self.given[action.generation] = self.given.get(action.generation, 0) + len(action.text)
        return actions


@pytest.fixture
def rows() -> Rows:
    return Rows()


def metered(rows: Rows, prices: SpeechPriceList = PRICES) -> SpeechMeter:
    ledger = SpeechLedger(tracker=rows, prices=prices, bills=Bills(), utc_now=lambda: NOW)
    return SpeechMeter("conv_1", scripted_engines(), ledger)


def reply(call: MeteredCall, words: int = 20) -> int:
    """The model and the voice do their work; the voice's generation."""
    (model,) = call.models
    for _ in range(words):
        call.model_text(model)
    call.model_finishes(model)
    (voice,) = call.voices
    call.voice_finishes(voice)
    return voice


async def test_a_reply_that_was_told_was_spoken(rows):
    call = MeteredCall(EAGER, metered(rows))
    call.send(facts.ItemCreate(user_text("", "hello")))
    call.send(facts.ResponseCreate())
    voice = reply(call)
    call.advance(30_000.0)
    row = rows.of("tts")
    assert (row.provider, row.conversation_id, row.created_at) == ("fake", "conv_1", NOW)
    assert (row.characters_spoken, row.characters_discarded) == (call.given[voice], 0)
    assert row.cost_usd == pytest.approx(call.given[voice] * 50 / 1e6)


@pytest.mark.parametrize("is_whole", [True, False])
async def test_what_speculation_made_for_nothing_is_counted_apart(rows, is_whole):
    """The caller goes on; whether the voice had already finished makes no difference."""
    call = MeteredCall(EAGER, metered(rows))
    for probability in [0.95] * 20 + [0.02] * 7:
        call.window(probability)
        for utterance in sorted(call.finishing):
            call.finishing.discard(utterance)
            call.send(facts.Transcribed(utterance, "what does it cost?"))
    (model,) = call.models
    for _ in range(12):
        call.model_text(model)
    if is_whole:
        call.model_finishes(model)
        call.voice_finishes(*call.voices)
    for _ in range(20):
        call.window(0.95)
    assert call.open_response is None
    call.send(facts.Close("closed"))
    row = rows.of("tts")
    assert (row.characters_spoken, row.characters_discarded) == (0, sum(call.given.values()))
    assert row.characters_discarded > 0


async def test_a_reply_that_was_cut_short_was_spoken(rows):
    call = MeteredCall(EAGER, metered(rows))
    call.send(facts.ItemCreate(user_text("", "hello")))
    call.send(facts.ResponseCreate())
    voice = reply(call, words=60)
    call.advance(500.0)
    call.send(facts.ResponseCancel())
    call.send(facts.Close("closed"))
    row = rows.of("tts")
    assert (row.characters_spoken, row.characters_discarded) == (call.given[voice], 0)


async def test_a_call_that_ends_in_mid_reply_is_counted_whole(rows):
    call = MeteredCall(EAGER, metered(rows))
    call.send(facts.ItemCreate(user_text("", "hello")))
    call.send(facts.ResponseCreate())
    voice = reply(call, words=60)
    call.send(facts.Close("closed"))
    assert rows.of("tts").characters_spoken == call.given[voice]


async def test_audio_is_counted_over_all_streams_of_a_recogniser(rows):
    meter = metered(rows)
    (recogniser,) = meter.engines.recognisers
    assert isinstance(scripted_engines().recognisers[0], FakeRecognizer)
    for seconds in (2, 1):
        stream = await recogniser.open(SttOptions())
        stream.begin(1)
        for _ in range(seconds * 50):
            stream.send_audio(bytes(recogniser.sample_rate // 50 * 2))
        await stream.aclose()
    meter.saw(facts.Close("closed"), [], 0.0)
    assert rows.of("stt").audio_seconds == 3.0
    assert rows.of("stt").cost_usd == pytest.approx(0.03)


async def test_a_price_that_is_not_known_is_not_zero(rows):
    call = MeteredCall(EAGER, metered(rows, SpeechPriceList()))
    call.send(facts.ItemCreate(user_text("", "hello")))
    call.send(facts.ResponseCreate())
    reply(call)
    call.send(facts.Close("closed"))
    assert rows.of("tts").cost_usd is None


def test_every_price_has_source_and_date():
    assert all(price.source and price.date >= "2026" for price in all_speech_prices())
    assert SpeechPriceList().price_of("tts", "nobody") is None


async def test_a_phrase_whose_sound_was_kept_costs_nothing(rows):
    call = MeteredCall(EAGER, metered(rows))
    call.send(facts.ResponseCreate())
    (model,) = call.models
    call.model_text(model)
    call.model_finishes(model)
    (voice,) = call.voices
    call.voice_finishes(voice, kept=True)
    call.advance(30_000.0)
    row = rows.of("tts")
    assert (row.characters_spoken, row.characters_discarded, row.cost_usd) == (0, 0, 0.0)
