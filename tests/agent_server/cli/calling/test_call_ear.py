import pytest
from tone import silence, tone

from agent_server.cli.calling.ear import Ear
from agent_server.cli.calling.playback import Playback


def test_what_is_heard_has_no_gap_and_the_right_length() -> None:
    playback = Playback()
    ear = Ear(playback)
    heard = ear.listen(100.3)[0]
    playback.add("item", "resp", tone(50))
    heard += ear.listen(133.7)[0] + ear.listen(133.7)[0] + ear.listen(200.0)[0]
    start = int(100.3 * 24)
    assert len(heard) == 2 * 200 * 24
    assert heard[2 * start : 2 * start + len(tone(50))] == tone(50)


@pytest.mark.parametrize("quiet_ms", [0, 7, 60, 200])
def test_a_reply_becomes_audible_after_its_leading_silence(quiet_ms: float) -> None:
    playback = Playback()
    ear = Ear(playback)
    ear.listen(1234.5)
    playback.add("item", "resp", silence(quiet_ms) + tone(300))
    onsets: dict[str, float] = {}
    for now_ms in range(1240, 1800, 20):
        onsets |= ear.listen(float(now_ms))[1]
    assert onsets.keys() == {"resp"}
    assert onsets["resp"] == pytest.approx(1234.5 + quiet_ms, abs=10)


def test_replies_that_follow_each_other_have_their_own_onsets() -> None:
    playback = Playback()
    ear = Ear(playback)
    playback.add("a", "first", tone(500))
    playback.add("b", "second", silence(100) + tone(100))
    _, onsets = ear.listen(1000.0)
    assert onsets["first"] == pytest.approx(0, abs=10)
    assert onsets["second"] == pytest.approx(600, abs=10)


def test_a_reply_without_sound_never_becomes_audible() -> None:
    playback = Playback()
    ear = Ear(playback)
    playback.add("item", "resp", silence(300))
    assert ear.listen(1000.0)[1] == {}
