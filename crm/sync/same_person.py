"""Whether a record over there and a contact of ours are one person, known by their addresses. Pure."""

from collections.abc import Iterable, Mapping

from crm.contact import ContactFields
from crm.mapping import names
from crm.sync.further import all_of
from storage.crm.contacts import ContactRow


def is_same(row: ContactRow, shown: ContactFields) -> bool:
    """By the first address of both; or by one that is the first of either and a further one of the other, where their
    names do not speak against it: an office's address is a further one of many."""
    if row.email is None or shown.email is None:
        return False
    if row.email == shown.email:
        return True
    crosses = row.email in all_of(shown, "email") or shown.email in all_of(row, "email")
    ours, theirs = names.joined(row.first_name, row.last_name), names.joined(shown.first_name, shown.last_name)
    return crosses and (ours is None or theirs is None or ours.casefold() == theirs.casefold())


def same_people(shown: Mapping[str, ContactFields], rows: Iterable[ContactRow]) -> dict[str, ContactRow]:
    """Each of ``shown`` with the row of the same person, none twice: one that has the same first address before others,
    of several such the one that comes first; of several others none, since who it is cannot be told."""
    left, found = list(rows), dict[str, ContactRow]()
    for external_id, fields in shown.items():
        same = [row for row in left if row.email is not None and row.email == fields.email]
        if not same:
            same = [row for row in left if is_same(row, fields)]
            same = same if len(same) == 1 else []
        if same:
            found[external_id] = same[0]
            left.remove(same[0])
    return found
