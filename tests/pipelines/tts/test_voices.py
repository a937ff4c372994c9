import pytest

from pipelines.tts.voices import VOICES, espeak_voice, words_per_minute


def test_known_names_have_voices_of_their_own() -> None:
    assert len({espeak_voice(name) for name in VOICES}) == len(VOICES)
    assert espeak_voice("Marin") == espeak_voice("marin")


@pytest.mark.parametrize("name", [None, "", "nobody", "a0e99841-438c-4a64-b679-ae501e7d6091"])
def test_unknown_names_get_the_default(name: str | None) -> None:
    assert espeak_voice(name) == espeak_voice("alloy")


def test_other_languages_have_their_own_voice() -> None:
    assert espeak_voice("alloy", "de-AT") == "de"
    assert [espeak_voice("ash", tag) for tag in ("pt-BR", "es-MX", "es-ES", "no")] == ["pt-br", "es-419", "es", "nb"]


def test_speed_is_bounded() -> None:
    assert [words_per_minute(speed) for speed in (0.01, 1.0, 1.5, 9.0)] == [80, 165, 248, 450]
