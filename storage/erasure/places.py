"""Every place in the database where a person's data lies, and what becomes of it. What becomes of the other tables is
said in ``fates``; a test holds both against the schema."""

from typing import Final

from storage.erasure.place import Place

_LEAD: Final = "lead_id = ANY(%(leads)s::uuid[])"
_CONVERSATION: Final = "conversation_id = ANY(%(conversations)s::text[])"
_THREAD: Final = "thread_id = ANY(%(threads)s::text[])"
_EXECUTION: Final = "execution_id = ANY(%(executions)s::text[])"
_NULL: Final = "NULL"

STEPS: Final[dict[str, tuple[Place, ...]]] = {
    "calls": (
        Place(
            kind="calls",
            table="outbound_calls",
            where=f"{_LEAD} OR {_CONVERSATION} OR (lead_id IS NULL AND number = ANY(%(phones)s::text[]))",
            clears={
                "number": "''",
                "lead_id": _NULL,
                "purpose": _NULL,
                "message": _NULL,
                "idempotency_key": _NULL,
                "carrier_call_id": _NULL,
                "list_entry_id": _NULL,
            },
            stays="when calls were made and how they ended",
            keeps="id conversation_id requested_by status code retry_at answered_by cancel_requested created_at"
            " dialled_at answered_at ended_at updated_at carrier left_message agent",
        ),
        Place(
            kind="call_list_entries",
            table="call_list_entries",
            where=_LEAD,
            clears={"lead_id": _NULL},
            marks={
                "status": "CASE WHEN status = 'waiting' THEN 'left_out' ELSE status END",
                "reason": "CASE WHEN status = 'waiting' THEN 'erased' ELSE reason END",
            },
            stays="that a call list had somebody in it, and what came of it",
            keeps="id list_id position status result reason call_after tries claimed_until updated_at",
        ),
        Place(
            kind="consents",
            table="call_consents",
            where=f"{_LEAD} OR (lead_id IS NULL AND number = ANY(%(phones)s::text[]))",
            key="number",
        ),
        Place(
            kind="client_keys",
            table="client_secrets",
            where=f"{_LEAD} OR calls_from = ANY(%(phones)s::text[] || %(emails)s::text[])",
            key="encode(hash, 'hex')",
            hidden=("hash", "session", "api_key_id"),
        ),
    ),
    "bookings": (
        Place(
            kind="invited_addresses",
            table="booking_withdrawals",
            where="booking_id = ANY(%(bookings)s::text[]) OR lower(email) = ANY(%(emails)s::text[])",
            key="booking_id || '/' || sequence",
        ),
        Place(
            kind="bookings",
            table="bookings",
            where="id = ANY(%(bookings)s::text[])",
            hidden=("idempotency_key", "blocked"),
        ),
    ),
    "agents": (
        Place(
            kind="qualifications",
            table="qualification_results",
            where=f"{_LEAD} OR {_EXECUTION}",
            clears={"lead_id": _NULL, "reasoning": "''", "metadata": "'{}'::jsonb"},
            stays="scores",
            keeps="execution_id score tier created_at",
            key="execution_id",
        ),
        Place(
            kind="enrichments",
            table="enrichment_results",
            where=f"{_LEAD} OR {_EXECUTION}",
            clears={"lead_id": _NULL, "enriched_data": "'{}'::jsonb"},
            stays="which source was asked, and the credits it took",
            keeps="execution_id source credits created_at",
            key="execution_id",
        ),
        Place(
            kind="found_answers",
            table="enrichment_cache",
            where="key = ANY(%(cache_keys)s::text[])",
            key="source || '/' || key",
            hidden=("key",),
        ),
        Place(
            kind="company_readings",
            table="social_readings",
            where="site IN (SELECT site FROM social_accounts WHERE lead_id = ANY(%(leads)s::uuid[]))",
            key="site",
        ),
        Place(kind="company_posts", table="social_posts", where=_LEAD, key="lead_id::text || '/' || url"),
        Place(kind="company_accounts", table="social_accounts", where=_LEAD, key="lead_id::text || '/' || url"),
        Place(kind="workflows", table="workflow_state", where=f"{_LEAD} OR {_THREAD}", key="thread_id"),
        Place(  # without its claim a run would go on, and nobody would wait for what it writes
            kind="agent_claims",
            table="agent_runs",
            where=f"expires_at <= now() AND ({_LEAD} OR {_CONVERSATION} OR {_THREAD})",
            key="thread_id",
        ),
        Place(
            kind="agent_runs",
            table="agent_executions",
            where="id = ANY(%(executions)s::text[])",
            clears={"lead_id": _NULL, "thread_id": _NULL, "error_message": _NULL},
            stays="cost, latency and outcome of runs",
            keeps="id agent_type conversation_id status engine started_at completed_at latency_ms cost_usd error_code",
        ),
        Place(
            kind="model_calls",
            table="model_calls",
            where=_LEAD,
            clears={"lead_id": _NULL},
            stays="cost, latency and tokens of requests",
            keeps="id provider model task conversation_id execution_id prompt_tokens cached_tokens completion_tokens"
            " first_token_ms latency_ms cost_usd status error_code created_at",
        ),
        Place(
            kind="speech_usage",
            table="speech_usage",
            where=_LEAD,
            clears={"lead_id": _NULL},
            stays="cost and seconds of speech",
            keeps="id provider kind conversation_id audio_seconds characters_spoken characters_discarded cost_usd"
            " created_at execution_id",
        ),
        Place(
            kind="tool_calls",
            table="tool_calls",
            where=_LEAD,
            clears={"lead_id": _NULL},
            stays="latency and outcome of tools",
            keeps="id name execution_id conversation_id status latency_ms error_code created_at",
        ),
        Place(kind="costs", table="lead_costs", where=_LEAD, key="lead_id"),
    ),
    "campaigns": (
        Place(
            kind="campaign_messages",
            table="campaign_messages",
            where=_LEAD,
            key="campaign_id::text || '/' || lead_id::text || '/' || step",
        ),
        Place(
            kind="campaign_results",
            table="campaign_results",
            where=_LEAD,
            key="campaign_id::text || '/' || lead_id::text || '/' || kind",
        ),
    ),
    "crm": (
        Place(kind="crm_conflicts", table="crm_conflicts", where="contact_id = ANY(%(contacts)s::text[])", key="id"),
        Place(
            kind="crm_phone_requests",
            table="crm_phone_requests",
            where="contact_id = ANY(%(contacts)s::text[])",
            key="platform || '/' || person_id || '/' || contact_id",
        ),
        Place(
            kind="crm_dead_letters",
            table="crm_dead_letters",
            where="payload ->> 'outbox' = ANY(%(references)s::text[])",
            key="key",
        ),
        Place(
            kind="crm_sync_filters",
            table="crm_sync_runs",
            where="filters <> '{}' AND (jsonb_exists_any(filters -> 'emails', %(emails)s::text[])"
            " OR jsonb_exists_any(filters -> 'profile_urls', %(urls)s::text[])"
            " OR filters ->> 'query' = ANY(%(emails)s::text[]))",
            clears={"filters": "'{}'::jsonb"},
            stays="when syncs ran and what they counted",
            keeps="id platform operation mode trigger status phase total contacts_processed contacts_created"
            " contacts_updated contacts_failed errors created_at started_at heartbeat_at completed_at"
            " duration_seconds",
        ),
        Place(
            kind="crm_deals",
            table="crm_opportunities",
            where="contact_id = ANY(%(contacts)s::text[])",
            clears={"contact_id": _NULL},
            stays="deals are the company's, as the CRM has them",
            keeps="id platform external_id parent_id mark status status_kind value_cents value_currency value_period"
            " confidence_percent note remote_updated_at deleted_at created_at updated_at",
        ),
    ),
    "webhooks": (
        Place(
            kind="webhooks",
            table="webhook_deliveries",
            where=f"{_LEAD} OR {_CONVERSATION} OR subject = ANY(%(bookings)s::text[])",
            hidden=("claimed_until",),
        ),
    ),
    "conversations": (
        Place(
            kind="outcomes",
            table="conversation_outcomes",
            where=f"{_CONVERSATION} OR {_LEAD}",
            key="idempotency_key",
        ),
        Place(
            kind="items",
            table="conversation_items",
            where=_CONVERSATION,
            key="conversation_id || '/' || id",
        ),
        Place(kind="operator_acts", table="operator_acts", where=_CONVERSATION, hidden=("key_id",)),
        Place(
            kind="conversations",
            table="conversations",
            where="id = ANY(%(conversations)s::text[])",
            clears={"lead_id": _NULL, "session": "'{}'::jsonb", "metadata": "'{}'::jsonb"},
            marks={"words_gone_at": "coalesce(words_gone_at, now())"},
            stays="when conversations were, by which channel, and how fast the answers came",
            keeps="id channel status agent created_at updated_at ended_at words_gone_at",
        ),
    ),
    "leads": (
        Place(
            kind="claimed_numbers",
            table="claimed_numbers",
            where=f"{_LEAD} OR phone = ANY(%(phones)s::text[])",
            key="lead_id::text || '/' || phone",
        ),
        Place(kind="leads", table="leads", where="id = ANY(%(leads)s::uuid[])", hidden=("search",)),
    ),
}
"""By step: the places that one transaction clears. ``agent_server.erasing.erasers`` has the order of the steps."""


def all_places() -> list[Place]:
    return [place for places in STEPS.values() for place in places]
