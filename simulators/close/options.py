"""How the simulated Close behaves where the real one leaves room or is not to be waited for."""

from msgspec import Struct


class GroupLimit(Struct, frozen=True):
    """``limit`` requests in ``window_s`` for each endpoint group."""

    limit: int = 100
    window_s: float = 5.0


class WebhookOptions(Struct, frozen=True):
    """Chances between 0 and 1. ``delay_s``: how long updates and deletions are held back to be consolidated.
    ``retry_base_s`` doubles with every failure up to ``retry_cap_s``; after ``give_up_s`` the subscription pauses."""

    lose: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    delay_s: float = 0.0
    retry_base_s: float = 1.0
    retry_cap_s: float = 1200.0
    give_up_s: float = 72 * 3600.0


class CloseOptions(Struct, frozen=True):
    """``clock_skew_s`` is how far Close's clock is ahead. ``index_lag_s``: how late search sees new objects.
    ``event_lag_s``: how late the log shows every second event, so that later ones may be there before.
    ``consolidation_s``: updates of one object closer together become one event. ``outbox_s``: how long an e-mail is in
    the outbox. ``refused_senders``: addresses whose mail servers send nothing. ``unconnected_senders``: addresses that
    are no e-mail account of the organisation's."""

    clock_skew_s: float = 0.0
    index_lag_s: float = 0.0
    event_lag_s: float = 0.0
    consolidation_s: float = 60.0
    max_skip: int = 1000
    max_limit: int = 200
    search_cap: int = 10_000
    cursor_life_s: float = 30.0
    retention_s: float = 30 * 86400.0
    outbox_s: float = 0.0
    refused_senders: tuple[str, ...] = ()
    unconnected_senders: tuple[str, ...] = ()
    groups: GroupLimit = GroupLimit()
    slow_groups: dict[str, GroupLimit] = {}
    webhooks: WebhookOptions = WebhookOptions()
