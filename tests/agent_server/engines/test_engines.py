"""Which providers are chosen."""

import pytest

from agent_server.engines import starting
from agent_server.engines.starting import chosen_stt, chosen_tts
from agent_server.settings import SettingsError, SpeechSettings


async def never(*_: object) -> object:
    raise AssertionError


@pytest.fixture
def every_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("deepgram-flux", "deepgram-nova", "cartesia", "pocketsphinx")
    monkeypatch.setattr(starting, "RECOGNISERS", dict.fromkeys(names, never))
    monkeypatch.setattr(starting, "VOICES", dict.fromkeys(("cartesia", "espeak"), never))


@pytest.mark.usefixtures("every_provider")
@pytest.mark.parametrize(
    ("speech", "stt", "tts"),
    [
        (SpeechSettings(), "pocketsphinx", "espeak"),
        (SpeechSettings(deepgram_api_key="k"), "deepgram-flux", "espeak"),
        (SpeechSettings(cartesia_api_key="k"), "cartesia", "cartesia"),
        (SpeechSettings(deepgram_api_key="k", cartesia_api_key="k"), "deepgram-flux", "cartesia"),
        (SpeechSettings(deepgram_api_key="k", stt_provider="deepgram-nova"), "deepgram-nova", "espeak"),
        (SpeechSettings(deepgram_api_key="k", stt_provider="pocketsphinx"), "pocketsphinx", "espeak"),
        (SpeechSettings(cartesia_api_key="k", tts_provider="espeak"), "cartesia", "espeak"),
    ],
)
def test_the_choice(speech: SpeechSettings, stt: str, tts: str) -> None:
    assert (chosen_stt(speech), chosen_tts(speech)) == (stt, tts)


def test_what_this_release_lacks_is_not_chosen_by_itself_and_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "RECOGNISERS", {"pocketsphinx": never})
    assert chosen_stt(SpeechSettings(deepgram_api_key="k")) == "pocketsphinx"
    with pytest.raises(SettingsError, match="STT_PROVIDER=deepgram-flux: this release has auto, pocketsphinx"):
        chosen_stt(SpeechSettings(deepgram_api_key="k", stt_provider="deepgram-flux"))
