"""A synthetic voice: audible, speech-like, the same for the same words.

Each word is one unbroken burst of sound (a buzz shaped by two formants per syllable, a hiss where consonants cluster),
words are separated by at least ``GAP_MS`` of digital silence, sentences by more: who listens can count the words and
tell how far a reply was spoken. A word's length is that of ``words.word_ms``.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from math import ceil
from zlib import crc32

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from simulators.audio.pcm import BYTES_PER_SAMPLE, AudioFormat, from_linear16
from simulators.audio.words import TimedWord, word_ms

GAP_MS = 60
_CLAUSE_PAUSE_MS = 180
_SENTENCE_PAUSE_MS = 320
_PEAK = 9000
_FADE_MS = 8
_HIGHEST_HARMONIC_HZ = 3400
_VOWELS = re.compile(r"[aeiouy]+")
_FORMANTS = {"a": (730, 1090), "e": (530, 1840), "i": (270, 2290), "o": (570, 840), "u": (300, 870), "y": (290, 2200)}
"""First two formants in Hz: Peterson and Barney (1952), men's means."""

_BREAK = re.compile(r"<break\s+time=[\"'](\d+(?:\.\d+)?)(m?s)[\"']\s*/>")
_TAG = re.compile(r"<[^<>]*>")


Signal = npt.NDArray[np.float32]


class Style(Struct, frozen=True):
    """``speed`` and ``volume`` as multiples of normal; ``pitch_hz`` belongs to the voice."""

    format: AudioFormat
    rate_wpm: float
    speed: float = 1.0
    volume: float = 1.0
    pitch_hz: int = 120


class Speech(Struct, frozen=True):
    """Rendered audio in the style's encoding and the words in it, times from its beginning."""

    audio: bytes
    words: tuple[TimedWord, ...]
    duration_ms: float


@lru_cache(maxsize=512)
def speak(text: str, style: Style) -> Speech:
    """Render text. White space separates words; ``<break time="1s"/>`` is a pause, other tags are not spoken."""
    parts: list[bytes] = []
    words: list[TimedWord] = []
    at_samples = 0
    rate = style.format.sample_rate
    for word, pause_ms in _plan(text):
        if word:
            sound = _sound(word, style)
            start_ms = at_samples * 1000 / rate
            at_samples += len(sound) // BYTES_PER_SAMPLE[style.format.encoding]
            words.append(TimedWord(word, start_ms, at_samples * 1000 / rate))
            parts.append(sound)
        silent = round(rate * pause_ms / style.speed / 1000)
        parts.append(_silence(silent, style.format.encoding))
        at_samples += silent
    return Speech(b"".join(parts), tuple(words), at_samples * 1000 / rate)


def _plan(text: str) -> Iterable[tuple[str, float]]:
    """Words, each with the silence after it in ms at normal speed."""
    for piece in re.split(r"(<[^<>]*>)", text):
        if pause := _BREAK.fullmatch(piece):
            yield "", float(pause[1]) * (1000 if pause[2] == "s" else 1)
        elif not _TAG.fullmatch(piece):
            for word in piece.split():
                end = word.rstrip("\"')]")[-1:]
                yield word, _SENTENCE_PAUSE_MS if end in ".!?" else _CLAUSE_PAUSE_MS if end in ",;:" else GAP_MS


def _silence(samples: int, encoding: str) -> bytes:
    return from_linear16(b"\0\0", encoding) * samples


@lru_cache(maxsize=8192)
def _sound(word: str, style: Style) -> bytes:
    """The burst of one word."""
    letters = re.sub(r"[^a-z0-9]", "", word.lower()) or "e"
    length = max(int(style.format.sample_rate * (word_ms(word, style.rate_wpm) - GAP_MS) / style.speed / 1000), 64)
    signal = _buzz(letters, length, style) + _hiss(letters, length)
    fade = min(int(style.format.sample_rate * _FADE_MS / 1000), length // 4)
    signal[:fade] *= np.linspace(0.1, 1, fade, dtype=np.float32)
    signal[-fade:] *= np.linspace(1, 0.1, fade, dtype=np.float32)
    signal *= _PEAK * min(style.volume, 2.0) / max(float(np.abs(signal).max()), 1e-6)
    return from_linear16(signal.astype("<i2").tobytes(), style.format.encoding)


def _buzz(letters: str, length: int, style: Style) -> Signal:
    """A steady pitch of the word's own, coloured syllable by syllable: whole periods of each vowel."""
    vowels = [match[0][0] for match in _VOWELS.finditer(letters)] or ["e"]
    pitch = style.pitch_hz * (0.9 + crc32(letters.encode()) % 256 / 1280)
    period = round(style.format.sample_rate / pitch)
    repeats = ceil(length / period / len(vowels))
    tables = [np.tile(_period(vowel, period, style.format.sample_rate), repeats) for vowel in vowels]
    return np.concatenate(tables)[:length]


@lru_cache(maxsize=1024)
def _period(vowel: str, period: int, sample_rate: int) -> Signal:
    """One period of the harmonics of a vowel, weighted by its formants."""
    at = np.arange(period) * (2 * np.pi / period)
    pitch = sample_rate / period
    harmonics = range(1, int(min(_HIGHEST_HARMONIC_HZ, sample_rate / 2) / pitch))
    return sum((_weight(n * pitch, vowel) * np.sin(n * at) for n in harmonics), np.zeros(period)).astype(np.float32)


def _weight(hertz: float, vowel: str) -> float:
    first, second = _FORMANTS[vowel]
    return 0.15 + 1 / (1 + ((hertz - first) / 120) ** 2) + 0.6 / (1 + ((hertz - second) / 180) ** 2)


_NOISE = np.random.default_rng(0).standard_normal(1 << 16).astype(np.float32) * np.float32(0.6)


def _hiss(letters: str, length: int) -> Signal:
    """Noise at both ends of the word, over the share that its consonants have."""
    consonants = sum(letter not in "aeiouy" for letter in letters) / len(letters)
    start = crc32(letters.encode()) % 1024
    noise = np.resize(_NOISE[start:], length)
    share = int(length * consonants / 3)
    noise[share : length - share] *= 0.05
    return noise
