"""Words before what somebody says: they tell nothing, and are not noted. Pure."""

import re
from typing import Final

_HESITATION: Final = (
    r"u+h?m+|u+h|e+rm?|a+h|h+m+|oh|well|so(?! (?:many|much|far)\b)|basically|honestly|actually|i mean|you know"
)
_AGREEMENT: Final = r"yeah|yes|okay|ok|sure|right(?! now| away)|like|look|i guess|i think|but|fine(?=[.,])"
_HESITATING: Final = re.compile(rf"^(?:(?:{_HESITATION})[\s,.]+)+", re.IGNORECASE)
_LEADING: Final = re.compile(rf"^(?:(?:{_HESITATION}|{_AGREEMENT})[\s,.]+)+", re.IGNORECASE)


def without_hesitation(text: str) -> str:
    """An answer as it is meant; a yes or a no before it belongs to it."""
    return _HESITATING.sub("", text)


def without_lead_in(text: str) -> str:
    """The statement alone, without the "yes" or "okay" that takes up what was said to them."""
    return _LEADING.sub("", text)
