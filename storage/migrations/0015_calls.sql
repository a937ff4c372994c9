-- Whom nobody may call, who said that they may be called, lists of people to call, and every call that was asked for.
-- Numbers are E.164.

CREATE TABLE do_not_call (
    number text PRIMARY KEY CHECK (number ~ '^\+[1-9][0-9]{6,14}$'),
    reason text NOT NULL CHECK (reason <> ''),
    source text NOT NULL CHECK (source IN ('operator', 'import', 'opt_out')),
    lead_id uuid REFERENCES leads (id) ON DELETE SET NULL,
    conversation_id text,
    created_at timestamptz NOT NULL
);

CREATE INDEX do_not_call_by_time ON do_not_call (created_at DESC, number DESC);
CREATE INDEX do_not_call_by_lead ON do_not_call (lead_id) WHERE lead_id IS NOT NULL;

CREATE TABLE call_consents (
    number text PRIMARY KEY CHECK (number ~ '^\+[1-9][0-9]{6,14}$'),
    kind text NOT NULL CHECK (kind IN ('express', 'express_written', 'existing_relationship', 'none')),
    source text NOT NULL CHECK (source <> ''),
    given_at timestamptz NOT NULL,
    valid_until timestamptz CHECK (valid_until IS NOT NULL OR kind <> 'existing_relationship'),
    lead_id uuid REFERENCES leads (id) ON DELETE SET NULL,
    recorded_by text,
    updated_at timestamptz NOT NULL
);

CREATE INDEX call_consents_by_time ON call_consents (updated_at DESC, number DESC);
CREATE INDEX call_consents_by_lead ON call_consents (lead_id) WHERE lead_id IS NOT NULL;

-- Call lists: the people of an audience are called one after the other, each until they are reached or were tried often
-- enough.
CREATE TABLE call_lists (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    purpose text NOT NULL,
    -- Who is to talk: a profile's slug. NULL: whoever the call's number or the default says.
    agent text,
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
    updated_at timestamptz NOT NULL,
    -- It is over, and put away.
    archived_at timestamptz
);

CREATE INDEX call_lists_by_age ON call_lists (created_at DESC, id DESC);
CREATE INDEX call_lists_running ON call_lists (called_at) WHERE status = 'running';

-- One for each person of a list. Its calls are made one after the other; the one that is being made is number
-- ``tries``, and until ``claimed_until`` the process that has it in its hands may still ask for it. lead_id NULL:
-- erased.
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
-- How far lists are is counted, and whose turn it is found, without reading people's rows.
CREATE INDEX call_list_entries_counted ON call_list_entries (list_id, status, result, reason);
CREATE INDEX call_list_entries_waiting ON call_list_entries (list_id, call_after, position) WHERE status = 'waiting';
CREATE INDEX call_list_entries_calling ON call_list_entries (list_id) WHERE status = 'calling';
CREATE INDEX call_list_entries_by_lead ON call_list_entries (lead_id) WHERE lead_id IS NOT NULL;

-- A row is there before the carrier hears of the call. From dialled_at on the call counts as an attempt, whatever
-- became of it. ``dialling`` without a carrier_call_id: the carrier was asked, and its answer is not known. ``agent``:
-- who is to talk, a profile's slug. ``left_message``: its voicemail was told what for.
CREATE TABLE outbound_calls (
    id text PRIMARY KEY,
    idempotency_key text UNIQUE,
    number text NOT NULL,
    lead_id uuid REFERENCES leads (id) ON DELETE SET NULL,
    list_entry_id uuid REFERENCES call_list_entries ON DELETE SET NULL,
    conversation_id text NOT NULL UNIQUE,
    purpose text,
    agent text,
    requested_by text,
    status text NOT NULL CHECK (status IN (
        'queued', 'dialling', 'ringing', 'in_progress', 'unknown',
        'completed', 'voicemail', 'busy', 'no_answer', 'failed', 'canceled', 'refused'
    )),
    code text,
    message text,
    retry_at timestamptz,
    carrier text,
    carrier_call_id text UNIQUE,
    answered_by text,
    left_message boolean NOT NULL DEFAULT false,
    cancel_requested boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    dialled_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    updated_at timestamptz NOT NULL
);

-- Nobody is called twice at once, whoever races.
CREATE UNIQUE INDEX outbound_calls_one_a_number ON outbound_calls (number)
    WHERE status IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown');
CREATE UNIQUE INDEX outbound_calls_one_a_lead ON outbound_calls (lead_id)
    WHERE status IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown');
CREATE INDEX outbound_calls_by_time ON outbound_calls (created_at DESC, id DESC);
CREATE INDEX outbound_calls_by_status ON outbound_calls (status, created_at DESC, id DESC);
CREATE INDEX outbound_calls_by_number ON outbound_calls (number, created_at DESC, id DESC);
CREATE INDEX outbound_calls_by_lead ON outbound_calls (lead_id, created_at DESC, id DESC) WHERE lead_id IS NOT NULL;
CREATE INDEX outbound_calls_of_entries ON outbound_calls (list_entry_id, created_at) WHERE list_entry_id IS NOT NULL;
CREATE INDEX outbound_calls_attempts ON outbound_calls (number, dialled_at) WHERE dialled_at IS NOT NULL;
CREATE INDEX outbound_calls_open ON outbound_calls (updated_at)
    WHERE status IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown');

-- When the next call of an account may be dialled, whichever process dials it.
CREATE TABLE dial_pace (
    account text PRIMARY KEY,
    next_at timestamptz NOT NULL
);

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

-- How a call ended reaches the CRM, whoever finds it out, also when nobody was talked to. It is the entry of the
-- conversation that was held in it, if there is one, whichever of the two comes first. What nobody's telephone rang for
-- is no call there; that somebody may not be called at all is told once a day.
CREATE FUNCTION crm_log_outbound_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_outbox (platform, kind, subject, reference, due_at, created_at)
    VALUES (
        'close', 'call', NEW.conversation_id,
        CASE
            WHEN NEW.status = 'refused'
                THEN concat_ws(':', 'refusal', NEW.lead_id, NEW.code, (NEW.ended_at AT TIME ZONE 'UTC')::date)
            ELSE 'conversation:' || NEW.conversation_id
        END,
        NEW.ended_at, NEW.ended_at
    )
    ON CONFLICT (reference) DO NOTHING;
    RETURN NULL;
END;
$$;

CREATE TRIGGER crm_log_outbound_call AFTER INSERT OR UPDATE OF status ON outbound_calls
    FOR EACH ROW WHEN (
        NEW.lead_id IS NOT NULL AND NEW.ended_at IS NOT NULL
        AND (
            NEW.status IN ('completed', 'voicemail', 'busy', 'no_answer')
            OR (
                NEW.status IN ('failed', 'canceled') AND NEW.dialled_at IS NOT NULL
                AND coalesce(NEW.code, '') NOT IN (
                    'lines_busy', 'not_dialled', 'server_stopping', 'carrier_unreachable', 'carrier_unauthorised'
                )
            )
            OR (NEW.status = 'refused' AND NEW.code IN ('do_not_call', 'no_consent'))
        )
    )
    EXECUTE FUNCTION crm_log_outbound_call();
