-- Campaigns: for each lead of an audience one message, written by the marketing agent and approved by a person; sent
-- through the CRM's own mail, with follow-ups; and what became of them.

CREATE TABLE campaigns (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    channel text NOT NULL CHECK (channel IN ('email')),
    goal text NOT NULL,
    -- In whose name it writes: a profile's slug. NULL: the default one.
    agent text,
    audience jsonb NOT NULL,
    budget_usd double precision NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'generating', 'paused', 'ready', 'cancelled')),
    -- Why it is paused.
    reason text CHECK (reason IN ('preview', 'budget', 'person')),
    -- So many messages are wanted now; NULL: all.
    wanted integer,
    -- How many subjects are tried beside each other.
    variants smallint NOT NULL DEFAULT 1 CHECK (variants BETWEEN 1 AND 3),
    -- When follow-ups go out, in days after the first message.
    follow_up_days integer[] NOT NULL DEFAULT '{}',
    -- Whether the CRM is to send the messages; else each is a draft there, which a person sends.
    send boolean NOT NULL DEFAULT false,
    sending text NOT NULL DEFAULT 'off' CHECK (sending IN ('off', 'on', 'paused', 'stopped')),
    -- Why its sending is paused though nobody paused it, as a stable code.
    held_code text,
    -- Messages an hour at most; NULL: as the server's setting has it.
    per_hour integer CHECK (per_hour > 0),
    released_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX campaigns_by_age ON campaigns (created_at DESC, id DESC);
CREATE INDEX campaigns_generating ON campaigns (updated_at) WHERE status = 'generating';
CREATE INDEX campaigns_sending ON campaigns (id) WHERE sending = 'on';

-- A follow-up is a message of a later step. Its turn comes at send_after, which is unknown (infinity) until the one
-- before it was sent.
--
-- waiting: to be written · drafted: a person is to look at it · rejected: they do not want it · approved: it goes out
-- when its turn comes · queued: in the outbox · entered: a draft over there · sent · failed: it was not written, or not
-- taken over there · skipped: never
CREATE TABLE campaign_messages (
    id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    lead_id uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    step smallint NOT NULL DEFAULT 0,
    position integer NOT NULL,
    status text NOT NULL CHECK (status IN (
        'waiting', 'drafted', 'approved', 'rejected', 'skipped', 'failed', 'queued', 'entered', 'sent'
    )),
    -- Why it is skipped, or has failed.
    reason text,
    variant smallint NOT NULL DEFAULT 0,
    subject text,
    body text,
    -- Whose name it was written in, and the company it names.
    agent text,
    company text,
    engine text,
    execution_id text,
    cost_usd double precision NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    -- Until then it is in the hands of the process that writes it.
    write_until timestamptz NOT NULL DEFAULT '-infinity',
    approved_by text,
    -- When a person approved this message by itself, knowing of what was before.
    approved_alone_at timestamptz,
    send_after timestamptz NOT NULL DEFAULT '-infinity',
    -- What it is over there.
    mail_id text,
    mail_parent text,
    entered_at timestamptz,
    sent_at timestamptz,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, lead_id, step)
);

CREATE UNIQUE INDEX campaign_messages_in_order ON campaign_messages (campaign_id, position);
CREATE INDEX campaign_messages_waiting ON campaign_messages (campaign_id, position) WHERE status = 'waiting';
CREATE INDEX campaign_messages_approved ON campaign_messages (campaign_id, send_after) WHERE status = 'approved';
CREATE INDEX campaign_messages_by_lead ON campaign_messages (lead_id);
CREATE INDEX campaign_messages_by_parent ON campaign_messages (mail_parent) WHERE mail_parent IS NOT NULL;

-- Nobody was sent it, and it is not on its way.
CREATE FUNCTION is_ahead(message campaign_messages) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT message.status IN ('waiting', 'drafted', 'rejected', 'approved', 'failed')
$$;

CREATE FUNCTION is_out(message campaign_messages) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT message.status IN ('queued', 'entered', 'sent')
$$;

-- What came of it, once for each person and kind.
CREATE TABLE campaign_results (
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    lead_id uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('replied', 'booked', 'unsubscribed', 'bounced')),
    at timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, lead_id, kind)
);

CREATE INDEX campaign_results_by_lead ON campaign_results (lead_id);

-- Whoever has something for the processes that write and send, they hear of it when that is committed.
CREATE FUNCTION campaigns_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('campaigns', '');
    RETURN NULL;
END;
$$;

CREATE TRIGGER campaigns_told AFTER UPDATE ON campaigns FOR EACH ROW WHEN (
    NEW.status = 'generating' AND OLD IS DISTINCT FROM NEW
    OR NEW.sending = 'on' AND (OLD.sending <> 'on' OR OLD.per_hour IS DISTINCT FROM NEW.per_hour)
) EXECUTE FUNCTION campaigns_told();
CREATE TRIGGER campaign_messages_told AFTER UPDATE ON campaign_messages FOR EACH ROW WHEN (
    NEW.status = 'approved' AND OLD.status <> 'approved' OR NEW.sent_at IS NOT NULL AND OLD.sent_at IS NULL
) EXECUTE FUNCTION campaigns_told();

-- A meeting of somebody whom a campaign wrote to within two months is what came of it, whoever booked it and wherever.
CREATE FUNCTION campaign_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_results (campaign_id, lead_id, kind, at)
    SELECT DISTINCT message.campaign_id, message.lead_id, 'booked', NEW.created_at
    FROM campaign_messages AS message
    WHERE message.sent_at <= NEW.created_at AND message.sent_at > NEW.created_at - interval '60 days'
        AND message.lead_id IN (
            SELECT NEW.lead_id UNION SELECT lead_id FROM lead_emails WHERE email = lower(NEW.email)
        )
    ON CONFLICT DO NOTHING;
    UPDATE campaign_messages AS message SET status = 'skipped', reason = 'booked', updated_at = NEW.updated_at
    FROM campaign_results AS result
    WHERE result.campaign_id = message.campaign_id AND result.lead_id = message.lead_id AND result.kind = 'booked'
        AND message.status IN ('waiting', 'drafted', 'approved', 'rejected', 'failed')
        AND message.lead_id IN (
            SELECT NEW.lead_id UNION SELECT lead_id FROM lead_emails WHERE email = lower(NEW.email)
        );
    RETURN NULL;
END;
$$;

CREATE TRIGGER campaign_meeting AFTER INSERT OR UPDATE OF lead_id, email ON bookings
    FOR EACH ROW WHEN (NEW.status = 'booked') EXECUTE FUNCTION campaign_meeting();

-- Who is in touch with somebody here is sent no message of another campaign unless a person approved just that: they
-- answered another campaign within 30 days, or have a meeting to come, and nobody approved a message of this one to
-- them since.
CREATE FUNCTION is_in_touch(message campaign_messages, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH known AS (
        SELECT coalesce(max(approved_alone_at), '-infinity') AS until FROM campaign_messages AS other
        WHERE other.campaign_id = message.campaign_id AND other.lead_id = message.lead_id
    )
    SELECT EXISTS (
        SELECT FROM campaign_results AS result, known
        WHERE result.lead_id = message.lead_id AND result.campaign_id <> message.campaign_id
            AND result.kind IN ('replied', 'booked') AND result.at > greatest(known.until, is_in_touch.at - interval '30 days')
    ) OR EXISTS (
        SELECT FROM bookings AS booking, known
        WHERE booking.lead_id = message.lead_id AND booking.status = 'booked' AND booking.starts_at > is_in_touch.at
            AND booking.created_at > known.until
    )
$$;
