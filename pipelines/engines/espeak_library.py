"""eSpeak NG through ctypes. Imported by the helper process only: the library is GPLv3, and one global state a process.

Types, constants and calls as in ``speak_lib.h`` of eSpeak NG 1.52.
"""

import ctypes
from collections.abc import Callable

import espeakng_loader

_AUDIO_OUTPUT_SYNCHRONOUS = 2
_CHARS_UTF8 = 1
_POS_CHARACTER = 1
_PARAMETER_RATE = 1
_EVENT_LIST_TERMINATED = 0
_EVENT_WORD = 1


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class EspeakError(Exception):
    """A call returned ``code``, a value of ``espeak_ERROR``."""

    def __init__(self, code: int) -> None:
        super().__init__(f"espeak error {code}")
        self.code = code


class Espeak:
    """The one synthesiser of this process. Not for several threads."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data_path = espeakng_loader.get_data_path().encode()
        rate = self._library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, data_path, 0)
        if rate <= 0:
            raise EspeakError(rate)
        self.sample_rate: int = rate
        self._pcm: list[bytes] = []
        self._words: list[tuple[int, int]] = []
        self._must_stop: Callable[[], bool] = bool
        self._callback = _Callback(self._on_sound)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._callback)

    def set_voice(self, name: str) -> bool:
        """Speak as this voice from now on; False if there is none of that name."""
        return bool(self._library.espeak_SetVoiceByName(name.encode()) == 0)

    def set_words_per_minute(self, rate: int) -> None:
        self._library.espeak_SetParameter(_PARAMETER_RATE, rate, 0)

    def synthesise(self, text: str, must_stop: Callable[[], bool]) -> tuple[bytes, list[tuple[int, int]]]:
        """The sound of a text, and its words: (first character from 0, first sample). Raises EspeakError.

        ``must_stop`` is asked every 60 ms of sound; once it says True what is there so far is returned.
        """
        self._pcm, self._words, self._must_stop = [], [], must_stop
        data = text.encode() + b"\0"
        code = self._library.espeak_Synth(data, len(data), 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
        if code != 0:
            raise EspeakError(code)
        return b"".join(self._pcm), self._words

    def _on_sound(
        self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, events: "ctypes._Pointer[_Event]"
    ) -> int:
        index = 0
        while events[index].type != _EVENT_LIST_TERMINATED:
            event = events[index]
            if event.type == _EVENT_WORD:
                self._words.append((event.text_position - 1, event.sample))
            index += 1
        if count > 0:
            self._pcm.append(ctypes.string_at(samples, 2 * count))
        return int(self._must_stop())
