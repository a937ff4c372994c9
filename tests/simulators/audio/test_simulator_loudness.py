import random

from simulators.audio.loudness import Loudness


def test_silence_has_no_level_and_speech_has_its_own(voice, silence):
    levels = Loudness(16_000, -45).feed(silence(50) + voice(50) + silence(50))
    assert levels[:5] == [0] * 5
    assert all(5000 < level < 6000 for level in levels[5:10])  # 8000 / sqrt(2)
    assert levels[10:] == [0] * 5


def test_windows_do_not_depend_on_how_audio_is_cut(voice, silence):
    audio = silence(33) + voice(120) + silence(71)
    whole = Loudness(16_000, -45).feed(audio)
    cutter = random.Random(3)
    pieces, levels, at = Loudness(16_000, -45), [], 0
    while at < len(audio):
        step = cutter.randrange(1, 400) * 2
        levels += pieces.feed(audio[at : at + step])
        at += step
    assert levels == whole
    assert len(whole) == 22


def test_the_threshold_is_a_level(voice):
    quiet = bytes(byte for sample in range(1600) for byte in (40, 0))  # a constant 40: -58 dBFS
    assert set(Loudness(16_000, -45).feed(quiet)) == {0}
    assert 0 not in Loudness(16_000, -65).feed(quiet)
