"""What a model is told a caller said when there were no words."""

from typing import Final

INAUDIBLE: Final = "[inaudible]"
"""There was speech that nobody understood."""

SILENCE: Final = "[silence]"
"""The caller was waited for, and said nothing."""
