-- Whom nobody may call, who said that they may be called, and every call that was asked for. Numbers are E.164.

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

-- A row is there before the carrier hears of the call. From dialled_at on the call counts as an attempt, whatever became
-- of it. ``dialling`` without a carrier_call_id: the carrier was asked, and its answer is not known.
CREATE TABLE outbound_calls (
    id text PRIMARY KEY,
    idempotency_key text UNIQUE,
    number text NOT NULL,
    lead_id uuid REFERENCES leads (id) ON DELETE SET NULL,
    conversation_id text NOT NULL UNIQUE,
    purpose text,
    requested_by text,
    status text NOT NULL CHECK (status IN (
        'queued', 'dialling', 'ringing', 'in_progress', 'unknown',
        'completed', 'voicemail', 'busy', 'no_answer', 'failed', 'canceled', 'refused'
    )),
    code text,
    message text,
    retry_at timestamptz,
    carrier_call_id text UNIQUE,
    answered_by text,
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
CREATE INDEX outbound_calls_by_lead ON outbound_calls (lead_id, created_at DESC, id DESC) WHERE lead_id IS NOT NULL;
CREATE INDEX outbound_calls_attempts ON outbound_calls (number, dialled_at) WHERE dialled_at IS NOT NULL;
CREATE INDEX outbound_calls_open ON outbound_calls (updated_at)
    WHERE status IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown');

-- When the next call of an account may be dialled, whichever process dials it.
CREATE TABLE dial_pace (
    account text PRIMARY KEY,
    next_at timestamptz NOT NULL
);

-- An opt-out covers every number of the lead, whoever records it and in which way; taken back by an operator, it goes.
CREATE FUNCTION suppress_numbers_of_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.opted_out_at IS NOT NULL THEN
        INSERT INTO do_not_call (number, reason, source, lead_id, created_at)
        SELECT DISTINCT numbers.number, 'The lead opted out.', 'opt_out', NEW.id, NEW.opted_out_at
        FROM (
            SELECT NEW.contact_phone AS number
            UNION SELECT phone FROM crm_contacts WHERE lead_id = NEW.id
            UNION SELECT outbound_calls.number FROM outbound_calls WHERE lead_id = NEW.id
        ) AS numbers
        WHERE numbers.number ~ '^\+[1-9][0-9]{6,14}$'
        ON CONFLICT (number) DO NOTHING;
    ELSIF TG_OP = 'UPDATE' AND OLD.opted_out_at IS NOT NULL THEN
        DELETE FROM do_not_call WHERE lead_id = NEW.id AND source = 'opt_out';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER leads_opted_out
AFTER INSERT OR UPDATE OF opted_out_at, contact_phone ON leads
FOR EACH ROW EXECUTE FUNCTION suppress_numbers_of_lead();

INSERT INTO do_not_call (number, reason, source, lead_id, created_at)
SELECT DISTINCT ON (contact_phone) contact_phone, 'The lead opted out.', 'opt_out', id, opted_out_at
FROM leads
WHERE opted_out_at IS NOT NULL AND contact_phone ~ '^\+[1-9][0-9]{6,14}$'
ORDER BY contact_phone, opted_out_at;

-- As in migration 0297, and what the lead that goes was called and said of being called. Of two calls under way the one
-- of the lead that goes is nobody's: it is at most one at a time.
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
    DELETE FROM lead_costs WHERE lead_id = gone;
    DELETE FROM leads WHERE id = gone;
$$;
