"""Greetings and fillers, spoken once by Cartesia's simulator and then from memory."""

import asyncio

import pytest

from pipelines.tts.cartesia import CartesiaSpeech
from pipelines.tts.keeping_voice import KeepingVoice
from pipelines.tts.port import Audio, Spoken, TtsError, TtsOptions, Words

GREETING = "Hello, this is Anna from Acme. How can I help?"
FAST = "cartesia-tts.first_audio_ms=1;cartesia-tts.realtime_factor=200"
REPEATED = TtsOptions(repeated=True)


class Counted:
    """The voice behind it, and what it was given."""

    def __init__(self, voice: CartesiaSpeech) -> None:
        self.voice = voice
        self.opened: list[TtsOptions] = []
        self.name, self.sample_rate = voice.name, voice.sample_rate
        self.prepare, self.aclose = voice.prepare, voice.aclose

    def open(self, options):
        self.opened.append(options)
        return self.voice.open(options)


@pytest.fixture
async def keeping(simulate):
    made = []

    async def start(**options):
        settings = (await simulate(delays=FAST)).settings
        cartesia = Counted(CartesiaSpeech(api_key=settings["CARTESIA_API_KEY"], base_url=settings["CARTESIA_BASE_URL"]))
        made.append(KeepingVoice(cartesia, **options))
        return made[-1], cartesia

    yield start
    for voice in made:
        await voice.aclose()


async def read(context):
    async with asyncio.timeout(20):
        return [event async for event in context]


async def say(voice, *texts, options=REPEATED):
    context = voice.open(options)
    for text in texts:
        context.send_text(text)
    context.finish()
    return await read(context)


def sound(events):
    pcm = b"".join(event.pcm for event in events if isinstance(event, Audio))
    words = [word for event in events if isinstance(event, Words) for word in event.words]
    return pcm, words


async def test_it_sounds_the_same_and_the_provider_is_not_asked_again(keeping):
    voice, cartesia = await keeping()
    first = await say(voice, GREETING)
    again = await say(voice, "Hello, this is", " Anna from Acme.", " How can I help?")
    assert sound(again) == sound(first)
    assert sound(first)[0] and [word.text for word in sound(first)[1]] == GREETING.split()
    assert (first[-1], again[-1]) == (Spoken(kept=False), Spoken(kept=True))
    assert len(cartesia.opened) == 1


async def test_what_is_said_to_one_caller_is_not_kept(keeping):
    voice, cartesia = await keeping()
    for _ in range(2):
        events = await say(voice, GREETING, options=TtsOptions())
        assert events[-1] == Spoken()
    assert len(cartesia.opened) == 2


async def test_a_text_that_goes_another_way_is_spoken_whole(keeping):
    voice, cartesia = await keeping()
    await say(voice, GREETING)
    events = await say(voice, "Hello, this is Anna from Acme.", " Is it a good time?")
    assert [word.text for word in sound(events)[1]] == "Hello, this is Anna from Acme. Is it a good time?".split()
    assert len(cartesia.opened) == 2


async def test_it_waits_for_the_rest_of_a_greeting_only_so_long(keeping):
    voice, cartesia = await keeping(wait_s=0.05)
    await say(voice, GREETING)
    context = voice.open(REPEATED)
    context.send_text("Hello, this is Anna from Acme. ")
    events = context.__aiter__()
    async with asyncio.timeout(5):
        assert isinstance(await anext(events), Audio | Words)
    context.send_text("How can I help?")
    context.finish()
    async with asyncio.timeout(20):
        assert [event async for event in events][-1] == Spoken()
    assert len(cartesia.opened) == 2


async def test_a_reply_that_was_cut_short_is_not_kept(keeping):
    voice, cartesia = await keeping()
    context = voice.open(REPEATED)
    context.send_text(GREETING)
    context.finish()
    async for event in context:
        if isinstance(event, Audio):
            context.cancel()
    assert (await say(voice, GREETING))[-1] == Spoken()
    assert len(cartesia.opened) == 2


async def test_cancelled_before_anything_came_it_ends_without_a_sound(keeping):
    voice, cartesia = await keeping()
    await say(voice, GREETING)
    context = voice.open(REPEATED)
    context.send_text("Hello,")
    context.cancel()
    assert await read(context) == []
    context.send_text(" this is Anna from Acme.")
    context.finish()
    assert len(cartesia.opened) == 1


async def test_a_provider_that_fails_is_told_of_and_nothing_is_kept():
    voice = KeepingVoice(CartesiaSpeech(api_key="key", base_url="ws://127.0.0.1:1"))
    try:
        for _ in range(2):
            with pytest.raises(TtsError):
                await say(voice, GREETING)
    finally:
        await voice.aclose()
