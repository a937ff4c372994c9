from pipelines.conversation.settings import Pacing
from pipelines.conversation.spoken import SpokenMessage
from pipelines.tts.port import SpokenWord

MS = bytes(48)


def said(*words: str) -> tuple[SpokenWord, ...]:
    """100 ms each."""
    return tuple(SpokenWord(word, 100.0 * n, 100.0 * (n + 1)) for n, word in enumerate(words))


def test_the_words_of_the_next_voice_are_heard_behind_those_of_the_one_that_broke() -> None:
    message = SpokenMessage("item", 0, Pacing(lead_ms=1000.0))
    message.generate("one two three four")
    message.add_words(said("one", "two", "three"))
    assert message.playback is not None
    message.playback.add(MS * 240)
    assert message.change_voice() == " three four"
    message.add_words(said("three", "four"))
    message.playback.add(MS * 200)
    assert len(message.playback.due(0.0)) == len(MS) * 400, "the piece of a word that it had begun is not said"
    message.finish_voice()
    texts = []
    for now_ms in (100.0, 250.0, 300.0, 400.0):
        message.hear(now_ms)
        texts.append(message.item.heard)
    assert texts == ["one", "one two", "one two three", "one two three four"]


def test_what_is_written_is_heard_as_soon_as_it_is_sent() -> None:
    message = SpokenMessage("item", 0, None)
    message.generate("one ")
    assert (message.take_unsent_text(), message.take_unsent_text()) == ("one ", "")
    message.generate("two")
    assert message.take_unsent_text() == "two"
    item = message.item
    assert item.generated == item.synthesised == item.sent == item.heard == "one two"
