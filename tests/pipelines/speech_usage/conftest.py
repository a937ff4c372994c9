"""The call around the real core, from the tests of conversations."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "conversation"))
