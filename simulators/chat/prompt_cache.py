"""Which part of a prompt a vendor has read before: prefixes in blocks, forgotten when they were not used for long."""

from collections import OrderedDict
from zlib import crc32

_BLOCK_CHARACTERS = 512
_MOST_BLOCKS = 20_000


class PromptCache:
    """Remembers prefixes per model. Times in seconds."""

    def __init__(self, lifetime_s: float = 300.0) -> None:
        self._lifetime_s = lifetime_s
        self._blocks: OrderedDict[tuple[str, int], float] = OrderedDict()

    def read(self, model: str, prompt: str, now: float) -> int:
        """Characters of the longest known prefix, in whole blocks; the prompt is known from now on."""
        known = fingerprint = 0
        still_known = True
        for start in range(0, len(prompt) - _BLOCK_CHARACTERS + 1, _BLOCK_CHARACTERS):
            fingerprint = crc32(prompt[start : start + _BLOCK_CHARACTERS].encode(), fingerprint)
            block = (model, fingerprint)
            still_known = still_known and self._blocks.get(block, 0.0) > now
            known += _BLOCK_CHARACTERS * still_known
            self._blocks[block] = now + self._lifetime_s
            self._blocks.move_to_end(block)
        while len(self._blocks) > _MOST_BLOCKS:
            self._blocks.popitem(last=False)
        return known
