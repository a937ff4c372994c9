from pipelines.tts.port import Audio, Words
from pipelines.tts.reply import Clause, Reply

BYTES_PER_MS = 48


def sound(milliseconds: int) -> bytes:
    return b"\x01\x02" * (milliseconds * BYTES_PER_MS // 2)


def taken(reply: Reply) -> Clause:
    clause = reply.next_clause()
    assert clause is not None
    return clause


def test_clauses_in_sound_out_with_pauses_between_and_times_over_the_whole_reply() -> None:
    reply = Reply(BYTES_PER_MS, speed=1.0)
    reply.add("Hello there. How ")
    first = taken(reply)
    assert (first.written, first.spoken) == ("Hello there.", "Hello there.")
    words, audio = reply.sound(first, sound(500), [(0, 0.0), (6, 200.0)])
    assert isinstance(words, Words)
    assert isinstance(audio, Audio)
    assert [(word.text, word.start_ms, word.end_ms) for word in words.words] == [
        ("Hello", 0.0, 200.0),
        ("there.", 200.0, 500.0),
    ]
    assert audio.pcm == sound(500)
    assert reply.next_clause() is None
    reply.add("are you?")
    reply.end_text()
    complete_before_the_last_clause = reply.complete
    words, audio = reply.sound(taken(reply), sound(300), [(0, 0.0), (4, 100.0), (8, 200.0)])
    assert isinstance(words, Words)
    assert isinstance(audio, Audio)
    assert [word.start_ms for word in words.words] == [820.0, 920.0, 1020.0]
    assert audio.pcm == bytes(320 * BYTES_PER_MS) + sound(300)
    assert (complete_before_the_last_clause, reply.complete) == (False, True)
    assert reply.unspoken_chars == 0


def test_a_clause_without_sound_gives_its_words_and_keeps_the_pause_before_it() -> None:
    reply = Reply(BYTES_PER_MS, speed=1.0)
    reply.add("Hello there, my friend. 😀 ")
    reply.end_text()
    reply.sound(taken(reply), sound(500), [])
    reply.sound(taken(reply), sound(500), [])
    silent = taken(reply)
    assert silent.spoken == ""
    (words,) = reply.sound(silent, b"", ())
    assert isinstance(words, Words)
    assert [word.text for word in words.words] == ["😀"]


def test_a_clause_put_back_comes_again() -> None:
    reply = Reply(BYTES_PER_MS, speed=1.0)
    reply.add("Hello there. How are you? ")
    first = taken(reply)
    reply.put_back(first)
    assert taken(reply) == first


def test_text_after_the_end_is_left_out() -> None:
    reply = Reply(BYTES_PER_MS, speed=1.0)
    reply.end_text()
    reply.add("too late. ")
    assert reply.next_clause() is None
    assert reply.complete
