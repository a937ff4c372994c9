-- Campaigns are sent through the CRM's own mail, and know what became of them.

ALTER TABLE campaigns
    -- Whether the CRM is to send the messages; else each is a draft there, which a person sends.
    ADD COLUMN send boolean NOT NULL DEFAULT false,
    ADD COLUMN sending text NOT NULL DEFAULT 'off' CHECK (sending IN ('off', 'on', 'paused', 'stopped')),
    -- Messages an hour at most; NULL: as the server's setting has it.
    ADD COLUMN per_hour integer CHECK (per_hour > 0),
    -- How many subjects are tried beside each other.
    ADD COLUMN variants smallint NOT NULL DEFAULT 1 CHECK (variants BETWEEN 1 AND 3),
    -- When follow-ups go out, in days after the first message.
    ADD COLUMN follow_up_days integer[] NOT NULL DEFAULT '{}',
    ADD COLUMN released_at timestamptz;

CREATE INDEX campaigns_sending ON campaigns (id) WHERE sending = 'on';

-- A follow-up is a message of a later step. Its turn comes at send_after, which is unknown (infinity) until the one
-- before it was sent. mail_id and mail_parent: what it is over there.
ALTER TABLE campaign_messages
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    ADD COLUMN step smallint NOT NULL DEFAULT 0,
    ADD COLUMN variant smallint NOT NULL DEFAULT 0,
    ADD COLUMN send_after timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN approved_by text,
    ADD COLUMN mail_id text,
    ADD COLUMN mail_parent text,
    ADD COLUMN entered_at timestamptz,
    ADD COLUMN sent_at timestamptz,
    DROP CONSTRAINT campaign_messages_pkey,
    ADD PRIMARY KEY (campaign_id, lead_id, step),
    DROP CONSTRAINT campaign_messages_status_check,
    ADD CONSTRAINT campaign_messages_status_check CHECK (status IN (
        'waiting', 'drafted', 'approved', 'rejected', 'skipped', 'failed', 'queued', 'entered', 'sent'
    ));

CREATE INDEX campaign_messages_approved ON campaign_messages (campaign_id, send_after) WHERE status = 'approved';
CREATE INDEX campaign_messages_by_parent ON campaign_messages (mail_parent) WHERE mail_parent IS NOT NULL;

-- What came of it, once for each person and kind.
CREATE TABLE campaign_results (
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    lead_id uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('replied', 'booked', 'unsubscribed', 'bounced')),
    at timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, lead_id, kind)
);

CREATE INDEX campaign_results_by_lead ON campaign_results (lead_id);

-- Addresses that get no message any more, by SHA-256 of their one spelling: it outlasts the person's data.
CREATE TABLE mail_suppressions (
    address_hash bytea PRIMARY KEY,
    reason text NOT NULL CHECK (reason IN ('unsubscribed', 'bounced')),
    created_at timestamptz NOT NULL
);

CREATE FUNCTION address_hash(address text) RETURNS bytea LANGUAGE sql IMMUTABLE
    RETURN sha256(convert_to(lower(address), 'UTF8'));

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
            SELECT NEW.lead_id UNION SELECT id FROM leads WHERE contact_email = lower(NEW.email)
        )
    ON CONFLICT DO NOTHING;
    UPDATE campaign_messages AS message SET status = 'skipped', reason = 'booked', updated_at = NEW.updated_at
    FROM campaign_results AS result
    WHERE result.campaign_id = message.campaign_id AND result.lead_id = message.lead_id AND result.kind = 'booked'
        AND message.status IN ('waiting', 'drafted', 'approved', 'rejected', 'failed')
        AND message.lead_id IN (
            SELECT NEW.lead_id UNION SELECT id FROM leads WHERE contact_email = lower(NEW.email)
        );
    RETURN NULL;
END;
$$;

CREATE TRIGGER campaign_meeting AFTER INSERT OR UPDATE OF lead_id, email ON bookings
    FOR EACH ROW WHEN (NEW.status = 'booked') EXECUTE FUNCTION campaign_meeting();

ALTER TABLE crm_outbox DROP CONSTRAINT crm_outbox_kind_check,
    ADD CONSTRAINT crm_outbox_kind_check CHECK (kind IN ('contact', 'call', 'note', 'opportunity', 'email'));
ALTER TABLE crm_inbox DROP CONSTRAINT crm_inbox_kind_check,
    ADD CONSTRAINT crm_inbox_kind_check CHECK (kind IN ('parent', 'contact', 'mail'));

-- As in migration 0297, and the messages of campaigns: of two to one person the one that is on its way stays.
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
    DELETE FROM lead_costs WHERE lead_id = gone;
    DELETE FROM leads WHERE id = gone;
$$;
