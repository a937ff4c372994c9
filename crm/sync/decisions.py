"""One decision for many conflicts: the same side is right in all that are open and alike."""

from datetime import datetime

from msgspec import Struct

from crm.sync.edits import ContactEdits
from storage.crm.conflicts import ConflictKind, CrmConflicts, Side


class Decision(Struct, frozen=True, kw_only=True):
    """``choice`` is right in every open conflict that is like this. ``until``: none that came later is meant, since
    nobody has seen it."""

    choice: Side
    until: datetime
    platform: str | None = None
    kind: ConflictKind | None = None
    field: str | None = None


class Decided(Struct, frozen=True, kw_only=True):
    """``left``: how many the decision is still to be carried out for."""

    resolved: int
    left: int


async def decide(edits: ContactEdits, conflicts: CrmConflicts, decision: Decision, *, most: int) -> Decided:
    """Carry it out for up to ``most`` conflicts, the newest first; each is settled whole or not at all.

    Raises StorageError; what was settled until then stays so, and the same decision goes on with the rest.
    """
    platform, kind, field, until = decision.platform, decision.kind, decision.field, decision.until
    page = await conflicts.list(limit=most, state="open", platform=platform, kind=kind, field=field, until=until)
    resolved = 0
    for conflict in page.items:
        if await edits.resolve(conflict.id, decision.choice) is not None:
            resolved += 1
    if page.next_cursor is None:
        return Decided(resolved=resolved, left=0)
    left = await conflicts.count_open(platform=platform, kind=kind, field=field, until=until)
    return Decided(resolved=resolved, left=left)
