-- Call lists: the people of an audience are called one after the other, each until they are reached or were tried often
-- enough.

CREATE TABLE call_lists (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    purpose text NOT NULL,
    -- NULL: its leads were named.
    audience jsonb,
    status text NOT NULL CHECK (status IN ('draft', 'running', 'paused', 'stopped', 'finished')),
    -- Why it is paused: "person", or the code with which the carrier refuses every call.
    reason text,
    -- By the clocks of those who are called, as CALENDAR_HOURS has it; NULL: as CALLING_HOURS allows.
    hours text,
    per_hour integer CHECK (per_hour > 0),
    at_once smallint NOT NULL CHECK (at_once > 0),
    attempts smallint NOT NULL CHECK (attempts > 0),
    retry_after_minutes integer NOT NULL CHECK (retry_after_minutes > 0),
    -- The key it was started with, and where the carrier reaches the server that was asked to.
    started_by text,
    base_url text,
    -- When it began its last call, and until when it begins none: lines or carrier are busy.
    called_at timestamptz,
    hold_until timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX call_lists_by_age ON call_lists (created_at DESC, id DESC);
CREATE INDEX call_lists_running ON call_lists (called_at) WHERE status = 'running';

-- One for each person of a list. Its calls are made one after the other; the one that is being made is number ``tries``,
-- and until ``claimed_until`` the process that has it in its hands may still ask for it. lead_id NULL: erased.
CREATE TABLE call_list_entries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    list_id uuid NOT NULL REFERENCES call_lists ON DELETE CASCADE,
    lead_id uuid REFERENCES leads ON DELETE SET NULL,
    position integer NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'calling', 'done', 'left_out')),
    result text CHECK (result IN (
        'booked', 'call_back', 'reached', 'not_interested', 'do_not_call', 'voicemail', 'no_answer', 'not_reached',
        'refused'
    )),
    reason text,
    call_after timestamptz NOT NULL DEFAULT '-infinity',
    tries smallint NOT NULL DEFAULT 0,
    claimed_until timestamptz NOT NULL DEFAULT '-infinity',
    updated_at timestamptz NOT NULL,
    UNIQUE (list_id, lead_id)
);

CREATE UNIQUE INDEX call_list_entries_in_order ON call_list_entries (list_id, position);
CREATE INDEX call_list_entries_waiting ON call_list_entries (list_id, call_after) WHERE status = 'waiting';
CREATE INDEX call_list_entries_calling ON call_list_entries (list_id) WHERE status = 'calling';
CREATE INDEX call_list_entries_by_lead ON call_list_entries (lead_id) WHERE lead_id IS NOT NULL;

-- For which person of a list a call is made.
ALTER TABLE outbound_calls ADD COLUMN list_entry_id uuid REFERENCES call_list_entries ON DELETE SET NULL;
CREATE INDEX outbound_calls_of_entries ON outbound_calls (list_entry_id, created_at) WHERE list_entry_id IS NOT NULL;

-- Processes that work through lists hear of what there is to do when it is committed.
CREATE FUNCTION call_lists_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('call_lists', '');
    RETURN NULL;
END;
$$;

CREATE TRIGGER call_lists_told AFTER UPDATE ON call_lists FOR EACH ROW
    WHEN (NEW.status = 'running' AND NEW.updated_at <> OLD.updated_at) EXECUTE FUNCTION call_lists_told();
CREATE TRIGGER call_lists_told AFTER INSERT OR UPDATE OF status ON outbound_calls FOR EACH ROW
    WHEN (NEW.list_entry_id IS NOT NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION call_lists_told();

-- As in migrations 0350 and 0460 together, and the entries of call lists: of two of one list the one that is further
-- stays, with the calls of both.
CREATE OR REPLACE FUNCTION merge_leads(gone uuid, kept uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE conversations SET lead_id = kept WHERE lead_id = gone;
    UPDATE conversation_outcomes SET lead_id = kept WHERE lead_id = gone;
    UPDATE bookings SET lead_id = kept WHERE lead_id = gone;
    UPDATE agent_executions SET lead_id = kept WHERE lead_id = gone;
    UPDATE agent_runs SET lead_id = kept WHERE lead_id = gone;
    UPDATE qualification_results SET lead_id = kept WHERE lead_id = gone;
    UPDATE enrichment_results SET lead_id = kept WHERE lead_id = gone;
    UPDATE workflow_state SET lead_id = kept WHERE lead_id = gone;
    UPDATE tool_calls SET lead_id = kept WHERE lead_id = gone;
    UPDATE model_calls SET lead_id = kept WHERE lead_id = gone;
    UPDATE speech_usage SET lead_id = kept WHERE lead_id = gone;
    UPDATE client_secrets SET lead_id = kept WHERE lead_id = gone;
    UPDATE crm_contacts SET lead_id = kept WHERE lead_id = gone;
    UPDATE do_not_call SET lead_id = kept WHERE lead_id = gone;
    UPDATE call_consents SET lead_id = kept WHERE lead_id = gone;
    UPDATE outbound_calls SET lead_id = kept
    WHERE lead_id = gone AND (
        status NOT IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown')
        OR NOT EXISTS (
            SELECT 1 FROM outbound_calls AS other
            WHERE other.lead_id = kept
                AND other.status IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown')
        )
    );
    DELETE FROM campaign_messages AS message
    WHERE message.lead_id = kept AND EXISTS (
        SELECT FROM campaign_messages AS other
        WHERE other.campaign_id = message.campaign_id AND other.lead_id = gone
            AND other.status IN ('queued', 'entered', 'sent')
    ) AND NOT EXISTS (
        SELECT FROM campaign_messages AS other
        WHERE other.campaign_id = message.campaign_id AND other.lead_id = kept
            AND other.status IN ('queued', 'entered', 'sent')
    );
    UPDATE campaign_messages AS message SET lead_id = kept
    WHERE lead_id = gone AND NOT EXISTS (
        SELECT FROM campaign_messages AS other WHERE other.campaign_id = message.campaign_id AND other.lead_id = kept
    );
    INSERT INTO campaign_results (campaign_id, lead_id, kind, at)
    SELECT campaign_id, kept, kind, at FROM campaign_results WHERE lead_id = gone
    ON CONFLICT DO NOTHING;
    WITH both_listed AS (
        SELECT mine.id AS mine, theirs.id AS theirs,
            theirs.status = 'calling'
            OR mine.status <> 'calling' AND (theirs.status = 'done' AND mine.status <> 'done' OR theirs.tries > mine.tries)
            AS goes
        FROM call_list_entries AS mine JOIN call_list_entries AS theirs ON theirs.list_id = mine.list_id
        WHERE mine.lead_id = kept AND theirs.lead_id = gone
    ), moved AS (
        UPDATE outbound_calls SET list_entry_id = CASE WHEN goes THEN theirs ELSE mine END
        FROM both_listed WHERE list_entry_id = CASE WHEN goes THEN mine ELSE theirs END
    )
    UPDATE call_list_entries SET lead_id = NULL, status = 'left_out', result = NULL, reason = 'merged'
    FROM both_listed WHERE id = CASE WHEN goes THEN mine ELSE theirs END;
    UPDATE call_list_entries SET lead_id = kept WHERE lead_id = gone;
    DELETE FROM lead_costs WHERE lead_id = gone;
    DELETE FROM leads WHERE id = gone;
$$;
