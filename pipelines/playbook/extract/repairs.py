"""What somebody says anew in the same breath, since the first was wrong: "tuesday, no, make that wednesday"."""

import re
from typing import Final

_REPAIR: Final = re.compile(
    r"(?<=\w)[\s,.;\u2013-]+(?:no,? wait|wait,? no|(?:no,? )?(?:make (?:that|it)|scratch that|strike that|i mean(?:t)?|or rather"
    r"|actually no|correction)|no,? (?:actually|sorry)|(?<!i'm )(?<!im )(?<!i am )(?<!so )sorry(?:,? no)?)\b[\s,.:]*",
    re.IGNORECASE,
)


def repaired(text: str) -> tuple[str, str] | None:
    """What was said before the last repair, and what was said instead; None: nothing is put right."""
    for found in reversed(list(_REPAIR.finditer(text))):
        return (text[: found.start()], text[found.end() :]) if text[found.end() :] else None
    return None
