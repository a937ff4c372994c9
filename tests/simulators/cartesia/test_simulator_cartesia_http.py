import io
import wave

import cartesia as sdk
import pytest

QUICK = "cartesia-tts.first_audio_ms=2;cartesia-tts.realtime_factor=500"
REQUEST = {
    "model_id": "sonic-3",
    "transcript": "Hello there, Sam.",
    "voice": {"mode": "id", "id": "a-voice"},
    "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000},
}


async def test_status(run_simulators, cartesia):
    assert (await cartesia(await run_simulators()).get_status()).ok


async def test_voices(run_simulators, cartesia):
    page = await cartesia(await run_simulators()).voices.list()
    assert [voice.name for voice in page.data] == ["Katie", "Theo", "Ariana"]


async def test_bytes(run_simulators, cartesia):
    simulators = await run_simulators(delays=QUICK)
    response = await cartesia(simulators).tts.generate(**REQUEST, save=True)
    pcm = await response.read()
    assert 0.9 < len(pcm) / 32_000 < 2
    assert response.headers["Cartesia-File-ID"]


async def test_wav(run_simulators, cartesia):
    simulators = await run_simulators(delays=QUICK)
    wanted = {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 24_000}
    response = await cartesia(simulators).tts.generate(**{**REQUEST, "output_format": wanted})
    with wave.open(io.BytesIO(await response.read())) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (24_000, 2, 1)
        assert 0.9 < sound.getnframes() / 24_000 < 2


async def test_sse(run_simulators, cartesia):
    simulators = await run_simulators(delays=QUICK)
    stream = await cartesia(simulators).tts.generate_sse(**REQUEST, add_timestamps=True, context_id="mine")
    events = [event async for event in stream]
    assert events[-1].type == "done"
    assert {event.context_id for event in events} == {"mine"}
    words = [word for event in events if event.type == "timestamps" for word in event.word_timestamps.words]
    assert words == ["Hello", "there,", "Sam."]
    assert sum(len(event.audio) for event in events if event.type == "chunk") > 28_000


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"model_id": "robo-1"}, sdk.BadRequestError),
        ({"output_format": {"container": "mp3", "bit_rate": 128_000, "sample_rate": 44_100}}, sdk.BadRequestError),
        ({"language": "en", "locale": "en-GB"}, sdk.BadRequestError),
    ],
)
async def test_refusals(run_simulators, cartesia, change, kind):
    simulators = await run_simulators()
    with pytest.raises(kind) as refused:
        await cartesia(simulators).tts.generate(**{**REQUEST, **change})
    assert set(refused.value.body) >= {"error_code", "title", "message", "request_id"}


async def test_a_wrong_key(run_simulators, cartesia):
    simulators = await run_simulators()
    with pytest.raises(sdk.AuthenticationError):
        await cartesia(simulators, api_key="wrong").tts.generate(**REQUEST)
    with pytest.raises(sdk.AuthenticationError):
        await cartesia(simulators, api_key="wrong").access_token.create()


async def test_an_older_version_has_plain_text_errors(run_simulators, cartesia):
    simulators = await run_simulators()
    client = cartesia(simulators, default_headers={"Cartesia-Version": "2025-04-16"})
    with pytest.raises(sdk.BadRequestError) as refused:
        await client.tts.generate(**{**REQUEST, "model_id": "robo-1"})
    assert refused.value.response.text.startswith("Invalid model: ")


@pytest.mark.parametrize("ttl_s", [0, 3601])
async def test_a_token_lives_an_hour_at_most(run_simulators, cartesia, ttl_s):
    with pytest.raises(sdk.BadRequestError):
        await cartesia(await run_simulators()).access_token.create(expires_in=ttl_s)
