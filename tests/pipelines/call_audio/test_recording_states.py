"""From which state to which a recording goes, and what its client is told."""

import pytest

from pipelines.call_audio import recorder as recorders
from pipelines.call_audio.port import Head
from pipelines.call_audio.recorder import CallRecorder
from pipelines.call_audio.spool import Kind
from pipelines.call_audio.states import BECOMES, TELLS, State, Told
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import user_audio

FRAME = b"\x00\x10" * 480


def made(*, announced: bool = False) -> tuple[CallRecorder, list[Told]]:
    """A recorder, and what it tells."""
    told: list[Told] = []
    return CallRecorder(Head("rec_1", "conv_1", 0.0), announced=announced, changed=told.append), told


def says(recorder: CallRecorder, words: str) -> None:
    recorder.saw(facts.Tick(), [act.Remember(user_audio("item_1", words), 1.0, False)], 1000.0)


def test_only_what_goes_on_goes_on() -> None:
    assert set(BECOMES) == set(State.__args__)
    ends = {state for state, following in BECOMES.items() if not following}
    assert ends == {"refused", "deleted", "failed"}
    assert set(TELLS) == set(BECOMES) - {"waiting", "over"}


def test_sound_is_kept_from_the_announcement_to_the_end_of_the_call() -> None:
    recorder, told = made(announced=True)
    recorder.hear(FRAME, 0.0)
    recorder.saw(facts.Tick(), [act.SpeechStarted("item_0", 0)], 10.0)
    assert recorder.take() == []
    recorder.saw(facts.Tick(), [act.ToldOfRecording("item_0")], 20.0)
    recorder.hear(FRAME, 20.0)
    assert [record[0] for record in recorder.take()] == [Kind.NEWS, Kind.CALLER]
    recorder.become("over")
    recorder.hear(FRAME, 40.0)
    assert recorder.take() == []
    assert (recorder.state, told) == ("over", ["on"])


def test_who_does_not_want_it_is_heard_also_once_the_recording_is_as_long_as_one_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recorders, "MAX_BYTES", 3 * len(FRAME))
    recorder, told = made()
    for at in range(5):
        recorder.hear(FRAME, 20.0 * at)
    assert len([record for record in recorder.take() if record[0] == Kind.CALLER]) == 3
    says(recorder, "Fine.")
    assert told == ["on", "off"]
    says(recorder, "Please stop recording me and delete it.")
    assert told == ["on", "off"], "an item is looked at once"
    recorder.saw(facts.Tick(), [act.Remember(user_audio("item_2", "Please delete the recording."), 2.0, False)], 2000.0)
    assert (recorder.state, told) == ("refused", ["on", "off", "deleted"])


def test_what_the_disk_does_not_take_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorders, "MAX_WAITING_BYTES", 2 * len(FRAME))
    recorder, told = made()
    for at in range(5):
        recorder.hear(FRAME, 20.0 * at)
    assert (recorder.state, recorder.take(), told) == ("failed", [], ["on", "failed"])


def test_what_is_over_can_be_deleted_until_somebody_else_has_it() -> None:
    recorder, told = made()
    recorder.hear(FRAME, 0.0)
    recorder.become("over")
    recorder.become("deleted")
    assert (recorder.state, recorder.take(), told) == ("deleted", [], ["on", "deleted"])
