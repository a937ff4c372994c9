"""Transactions that another was in the way of: PostgreSQL breaks off one of two that lock each other up."""

import stamina

from storage.errors import StorageError


def _is_conflict(error: Exception) -> bool:
    return isinstance(error, StorageError) and error.code == "database_conflict"


begun_again = stamina.retry(
    on=_is_conflict, attempts=3, timeout=None, wait_initial=0.02, wait_max=0.2, wait_jitter=0.05
)
"""For what is one transaction, and done once however often it is tried: what somebody who talks waits for."""
