-- Other programs are told of what happens: who wants to hear of what, and what is to be told, written by triggers in
-- the transaction of the fact. Nothing is written of a kind that nobody wants.

-- events: kinds, or '*' for all. secret and old_secret are encrypted. hold_until: the receiver wants to be left alone
-- until then. failing_since: every attempt has failed since then.
CREATE TABLE webhook_endpoints (
    id text PRIMARY KEY,
    url text NOT NULL UNIQUE,
    description text NOT NULL DEFAULT '',
    events text[] NOT NULL CHECK (cardinality(events) > 0),
    include_words boolean NOT NULL DEFAULT false,
    enabled boolean NOT NULL DEFAULT true,
    disabled_reason text CHECK (disabled_reason IN ('person', 'gone', 'failing', 'queue_full')),
    failing_since timestamptz,
    hold_until timestamptz NOT NULL DEFAULT '-infinity',
    secret bytea NOT NULL,
    old_secret bytea,
    old_secret_until timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- One event for one endpoint. event_id is the receiver's webhook-id, the same at each attempt. No foreign key: an
-- endpoint that is deleted at that moment must not undo the fact.
CREATE TABLE webhook_deliveries (
    id text PRIMARY KEY,
    event_id text NOT NULL,
    endpoint_id text NOT NULL,
    type text NOT NULL,
    occurred_at timestamptz NOT NULL,
    data jsonb NOT NULL,
    -- Whose data it is, and what it tells of.
    lead_id uuid,
    conversation_id text,
    subject text,
    status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'given_up')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    claimed_until timestamptz NOT NULL DEFAULT '-infinity',
    tried_at timestamptz,
    answer_status integer,
    answer text,
    error text,
    latency_ms double precision,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at) WHERE status = 'waiting';
CREATE INDEX webhook_deliveries_claimed ON webhook_deliveries (endpoint_id, claimed_until) WHERE status = 'waiting';
-- Since when the first delivery of an endpoint waits is asked for with every look at the figures.
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (endpoint_id, created_at) WHERE status = 'waiting';
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (endpoint_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (endpoint_id, status, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);
CREATE INDEX webhook_deliveries_by_lead ON webhook_deliveries (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX webhook_deliveries_by_conversation ON webhook_deliveries (conversation_id)
    WHERE conversation_id IS NOT NULL;
CREATE INDEX webhook_deliveries_by_subject ON webhook_deliveries (subject) WHERE subject IS NOT NULL;

-- Attempts by the hour, and how they went.
CREATE TABLE webhook_hours (
    endpoint_id text NOT NULL,
    hour timestamptz NOT NULL,
    delivered integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    PRIMARY KEY (endpoint_id, hour)
)
WITH (fillfactor = 50);

CREATE FUNCTION webhooks_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('webhooks', '');
    RETURN NULL;
END;
$$;

CREATE TRIGGER webhook_deliveries_told AFTER INSERT ON webhook_deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION webhooks_told();
CREATE TRIGGER webhook_deliveries_told_again AFTER UPDATE OF status ON webhook_deliveries
    FOR EACH ROW WHEN (NEW.status = 'waiting' AND OLD.status <> 'waiting') EXECUTE FUNCTION webhooks_told();
CREATE TRIGGER webhook_endpoints_told AFTER UPDATE OF enabled ON webhook_endpoints
    FOR EACH ROW WHEN (NEW.enabled AND NOT OLD.enabled) EXECUTE FUNCTION webhooks_told();

CREATE FUNCTION webhook_is_wanted(VARIADIC kinds text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM webhook_endpoints WHERE enabled AND events && (kinds || '*'::text))
$$;

CREATE FUNCTION tell_webhooks(
    kind text, at timestamptz, lead uuid, conversation text, thing text, facts jsonb
) RETURNS void LANGUAGE sql AS $$
    WITH event AS MATERIALIZED (SELECT 'msg_' || replace(gen_random_uuid()::text, '-', '') AS id)
    INSERT INTO webhook_deliveries (
        id, event_id, endpoint_id, type, occurred_at, data, lead_id, conversation_id, subject
    )
    SELECT
        'whd_' || replace(gen_random_uuid()::text, '-', ''), event.id, endpoint.id, kind, at, facts, lead,
        conversation, thing
    FROM event, webhook_endpoints AS endpoint
    WHERE endpoint.enabled AND endpoint.events && ARRAY['*', kind]
$$;

-- RFC 3339 in UTC, whatever the session's zone.
CREATE FUNCTION webhook_time(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

CREATE FUNCTION webhook_ms(since timestamptz, until timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN until >= since THEN round(extract(epoch FROM until - since) * 1000)::bigint END
$$;

CREATE FUNCTION lead_of_conversation(conversation text) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT lead_id FROM conversations WHERE id = conversation),
        (
            SELECT lead_id FROM conversation_outcomes
            WHERE conversation_id = conversation AND lead_id IS NOT NULL
            ORDER BY created_at DESC LIMIT 1
        )
    )
$$;

-- Who it is, and where they stand. What they said of themselves (need, budget, notes) is not told.
CREATE FUNCTION webhook_lead(lead leads) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', lead.id, 'company_name', lead.company_name, 'company_website', lead.company_website,
        'company_size', lead.company_size, 'industry', lead.industry, 'contact_name', lead.contact_name,
        'contact_email', lead.contact_email, 'contact_title', lead.contact_title, 'contact_phone', lead.contact_phone,
        'further_emails', lead.further_emails, 'further_phones', lead.further_phones,
        'linkedin_url', lead.linkedin_url, 'status', lead.status, 'time_zone', lead.time_zone, 'source', lead.source,
        'qualification_score', lead.qualification_score, 'qualification_tier', lead.qualification_tier,
        'opted_out_at', webhook_time(lead.opted_out_at), 'created_at', webhook_time(lead.created_at),
        'updated_at', webhook_time(lead.updated_at)
    )
$$;

CREATE FUNCTION webhook_lead_created() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF webhook_is_wanted('lead.created') THEN
        PERFORM tell_webhooks(
            'lead.created', NEW.created_at, NEW.id, NULL, NULL, jsonb_build_object('lead', webhook_lead(NEW))
        );
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER webhook_lead_created AFTER INSERT ON leads FOR EACH ROW EXECUTE FUNCTION webhook_lead_created();

CREATE FUNCTION webhook_lead_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed jsonb;
BEGIN
    IF NOT webhook_is_wanted('lead.updated', 'lead.qualified') THEN
        RETURN NULL;
    END IF;
    SELECT jsonb_agg(key ORDER BY key) INTO changed
    FROM jsonb_each(to_jsonb(OLD)) AS before (key, value)
    JOIN jsonb_each(to_jsonb(NEW)) AS after (key, value) USING (key)
    WHERE before.value <> after.value
        AND key NOT IN (
            'updated_at', 'search', 'qualification_score', 'qualification_tier', 'qualification_reasoning',
            'qualification_latency_ms', 'qualified_at'
        );
    IF changed IS NOT NULL THEN
        PERFORM tell_webhooks(
            'lead.updated', NEW.updated_at, NEW.id, NULL, NULL,
            jsonb_build_object('lead', webhook_lead(NEW), 'changed', changed)
        );
    END IF;
    IF NEW.qualified_at IS DISTINCT FROM OLD.qualified_at AND NEW.qualification_score IS NOT NULL THEN
        PERFORM tell_webhooks(
            'lead.qualified', coalesce(NEW.qualified_at, NEW.updated_at), NEW.id, NULL, NULL,
            jsonb_build_object(
                'lead', webhook_lead(NEW), 'score', NEW.qualification_score, 'tier', NEW.qualification_tier
            )
        );
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER webhook_lead_changed AFTER UPDATE ON leads FOR EACH ROW
    WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION webhook_lead_changed();

-- At the end of the transaction, when it is known in which conversation it was said.
CREATE FUNCTION webhook_opted_out() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said_in text;
BEGIN
    IF NOT webhook_is_wanted('caller.opted_out') THEN
        RETURN NULL;
    END IF;
    SELECT outcome.conversation_id INTO said_in
    FROM conversation_outcomes AS outcome
    WHERE outcome.kind = 'opt_out' AND outcome.created_at = NEW.opted_out_at
        AND outcome.conversation_id IN (
            SELECT id FROM conversations WHERE lead_id = NEW.id UNION SELECT NEW.conversation_id
        )
    LIMIT 1;
    PERFORM tell_webhooks(
        'caller.opted_out', NEW.opted_out_at, NEW.id, said_in, NULL,
        jsonb_build_object(
            'lead_id', NEW.id, 'conversation_id', said_in, 'phone', NEW.contact_phone, 'email', NEW.contact_email,
            'opted_out_at', webhook_time(NEW.opted_out_at)
        )
    );
    RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER webhook_opted_out_at_first AFTER INSERT ON leads DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.opted_out_at IS NOT NULL) EXECUTE FUNCTION webhook_opted_out();
CREATE CONSTRAINT TRIGGER webhook_opted_out AFTER UPDATE ON leads DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.opted_out_at IS NOT NULL AND OLD.opted_out_at IS NULL) EXECUTE FUNCTION webhook_opted_out();

-- At the end of the transaction, which writes the last items and turns too.
CREATE FUNCTION webhook_conversation_ended() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ended timestamptz := coalesce(NEW.ended_at, NEW.updated_at);
    lead uuid;
BEGIN
    IF NOT webhook_is_wanted('conversation.ended') THEN
        RETURN NULL;
    END IF;
    lead := lead_of_conversation(NEW.id);
    PERFORM tell_webhooks(
        'conversation.ended', ended, lead, NEW.id, NULL,
        jsonb_build_object(
            'conversation_id', NEW.id, 'channel', NEW.channel, 'lead_id', lead, 'status', NEW.status,
            'started_at', webhook_time(NEW.created_at), 'ended_at', webhook_time(ended),
            'duration_ms', webhook_ms(NEW.created_at, ended),
            'turns', (SELECT count(*) FROM conversation_turns WHERE conversation_id = NEW.id),
            'outcomes', (
                SELECT coalesce(jsonb_agg(DISTINCT kind), '[]') FROM conversation_outcomes
                WHERE conversation_id = NEW.id
            )
        )
    );
    RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER webhook_conversation_ended_at_once AFTER INSERT ON conversations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status <> 'open') EXECUTE FUNCTION webhook_conversation_ended();
CREATE CONSTRAINT TRIGGER webhook_conversation_ended AFTER UPDATE ON conversations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status <> 'open' AND OLD.status = 'open') EXECUTE FUNCTION webhook_conversation_ended();

CREATE FUNCTION webhook_handoff() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lead uuid;
BEGIN
    IF NOT webhook_is_wanted('handoff.requested') THEN
        RETURN NULL;
    END IF;
    lead := lead_of_conversation(NEW.conversation_id);
    PERFORM tell_webhooks(
        'handoff.requested', NEW.created_at, lead, NEW.conversation_id, NEW.idempotency_key,
        jsonb_build_object(
            'conversation_id', NEW.conversation_id, 'lead_id', lead,
            'channel', (SELECT channel FROM conversations WHERE id = NEW.conversation_id)
        )
    );
    RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER webhook_handoff AFTER INSERT ON conversation_outcomes DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind = 'handoff') EXECUTE FUNCTION webhook_handoff();

CREATE FUNCTION webhook_call_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT webhook_is_wanted('call.ended') THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.ended_at IS NOT NULL AND OLD.status = NEW.status THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM tell_webhooks(
        'call.ended', NEW.ended_at, NEW.lead_id, NEW.conversation_id, NEW.id,
        jsonb_build_object(
            'call_id', NEW.id, 'to', NEW.number, 'lead_id', NEW.lead_id,
            'conversation_id', CASE WHEN NEW.answered_at IS NOT NULL THEN NEW.conversation_id END,
            'status', NEW.status, 'code', NEW.code, 'purpose', NEW.purpose, 'answered_by', NEW.answered_by,
            'left_message', NEW.left_message, 'created_at', webhook_time(NEW.created_at),
            'dialled_at', webhook_time(NEW.dialled_at), 'answered_at', webhook_time(NEW.answered_at),
            'ended_at', webhook_time(NEW.ended_at), 'duration_ms', webhook_ms(NEW.answered_at, NEW.ended_at)
        )
    );
    RETURN NULL;
END;
$$;

CREATE TRIGGER webhook_call_ended AFTER INSERT OR UPDATE OF status, ended_at ON outbound_calls FOR EACH ROW
    WHEN (
        NEW.ended_at IS NOT NULL
        AND NEW.status IN ('completed', 'voicemail', 'busy', 'no_answer', 'failed', 'canceled', 'refused')
    )
    EXECUTE FUNCTION webhook_call_ended();

-- At the end of the transaction, when it is known whose it is.
CREATE FUNCTION webhook_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kind text := 'meeting.booked';
    moved_from timestamptz;
    lead uuid := NEW.lead_id;
BEGIN
    IF NOT webhook_is_wanted('meeting.booked', 'meeting.moved', 'meeting.cancelled') THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.status = 'cancelled' THEN
            kind := 'meeting.cancelled';
        ELSIF OLD.status = 'booked' THEN
            kind := 'meeting.moved';
            moved_from := OLD.starts_at;
        END IF;
    END IF;
    SELECT coalesce(booking.lead_id, lead) INTO lead FROM bookings AS booking WHERE booking.id = NEW.id;
    lead := coalesce(lead, lead_of_conversation(NEW.conversation_id));
    PERFORM tell_webhooks(
        kind, NEW.updated_at, lead, NEW.conversation_id, NEW.id,
        jsonb_build_object(
            'booking_id', NEW.id, 'starts_at', webhook_time(NEW.starts_at), 'ends_at', webhook_time(NEW.ends_at),
            'time_zone', NEW.time_zone, 'name', NEW.name, 'email', NEW.email, 'company', NEW.company, 'lead_id', lead,
            'conversation_id', NEW.conversation_id, 'moved_from', webhook_time(moved_from)
        )
    );
    RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER webhook_meeting_booked AFTER INSERT ON bookings DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status = 'booked') EXECUTE FUNCTION webhook_meeting();
CREATE CONSTRAINT TRIGGER webhook_meeting_changed AFTER UPDATE ON bookings DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (
        NEW.status <> OLD.status
        OR NEW.status = 'booked' AND (NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at)
    )
    EXECUTE FUNCTION webhook_meeting();

-- Of two leads that turn out to be one person, what came of both is entered once more for the one that stays: that is
-- no news.
CREATE FUNCTION webhook_campaign_result() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT webhook_is_wanted('campaign.' || NEW.kind) OR EXISTS (
        SELECT FROM campaign_results AS other
        WHERE other.campaign_id = NEW.campaign_id AND other.kind = NEW.kind AND other.at = NEW.at
            AND other.lead_id <> NEW.lead_id
    ) THEN
        RETURN NULL;
    END IF;
    PERFORM tell_webhooks(
        'campaign.' || NEW.kind, NEW.at, NEW.lead_id, NULL, NULL,
        jsonb_build_object('campaign_id', NEW.campaign_id, 'lead_id', NEW.lead_id, 'at', webhook_time(NEW.at))
    );
    RETURN NULL;
END;
$$;

CREATE TRIGGER webhook_campaign_result AFTER INSERT ON campaign_results FOR EACH ROW
    WHEN (NEW.kind IN ('replied', 'unsubscribed', 'bounced')) EXECUTE FUNCTION webhook_campaign_result();

CREATE FUNCTION webhook_recording_ready() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lead uuid;
BEGIN
    IF NOT webhook_is_wanted('recording.ready') THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state = 'ready' THEN
            RETURN NULL;
        END IF;
    END IF;
    lead := lead_of_conversation(NEW.conversation_id);
    PERFORM tell_webhooks(
        'recording.ready', NEW.updated_at, lead, NEW.conversation_id, NEW.id,
        jsonb_build_object(
            'recording_id', NEW.id, 'conversation_id', NEW.conversation_id, 'lead_id', lead,
            'started_at', webhook_time(NEW.started_at), 'duration_ms', NEW.duration_ms, 'bytes', NEW.bytes,
            'audio', '/api/conversations/' || NEW.conversation_id || '/audio'
        )
    );
    RETURN NULL;
END;
$$;

CREATE TRIGGER webhook_recording_ready AFTER INSERT OR UPDATE OF state ON call_recordings FOR EACH ROW
    WHEN (NEW.state = 'ready') EXECUTE FUNCTION webhook_recording_ready();

-- Whom it was about nobody knows any more; who asked for it has its id.
CREATE FUNCTION webhook_erasure_completed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF webhook_is_wanted('erasure.completed') THEN
        PERFORM tell_webhooks(
            'erasure.completed', NEW.finished_at, NULL, NULL, NEW.id,
            jsonb_build_object(
                'erasure_id', NEW.id, 'source', NEW.source, 'counts', NEW.counts,
                'finished_at', webhook_time(NEW.finished_at)
            )
        );
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER webhook_erasure_completed AFTER UPDATE OF status ON erasures FOR EACH ROW
    WHEN (NEW.status = 'finished' AND OLD.status <> 'finished') EXECUTE FUNCTION webhook_erasure_completed();
