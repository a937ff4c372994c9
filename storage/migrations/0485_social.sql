-- What companies say in public: one look at a website serves everybody for a day, and each lead keeps what was found.
-- ``reading`` as the reader has it; ``is_whole``: another look soon would find no more.
CREATE TABLE social_readings (
    site text PRIMARY KEY,
    reading jsonb NOT NULL,
    is_whole boolean NOT NULL,
    read_at timestamptz NOT NULL
);

CREATE INDEX social_readings_by_age ON social_readings (read_at);

-- The website is the first of a lead's accounts.
CREATE TABLE social_accounts (
    lead_id uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    url text NOT NULL,
    site text NOT NULL,
    position smallint NOT NULL,
    network text NOT NULL,
    handle text NOT NULL,
    state text NOT NULL,
    fetched_at timestamptz NOT NULL,
    PRIMARY KEY (lead_id, url)
);

CREATE TABLE social_posts (
    lead_id uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    url text NOT NULL,
    site text NOT NULL,
    network text NOT NULL,
    author text NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    published_at timestamptz,
    fetched_at timestamptz NOT NULL,
    PRIMARY KEY (lead_id, url)
);

CREATE INDEX social_posts_newest ON social_posts (lead_id, published_at DESC NULLS LAST);

-- As in migration 0470, and what the companies of both said: the lead that stays keeps its own, if it has any.
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
    UPDATE social_posts SET lead_id = kept
    WHERE lead_id = gone AND NOT EXISTS (SELECT FROM social_accounts AS other WHERE other.lead_id = kept);
    UPDATE social_accounts SET lead_id = kept
    WHERE lead_id = gone AND NOT EXISTS (SELECT FROM social_accounts AS other WHERE other.lead_id = kept);
    DELETE FROM lead_costs WHERE lead_id = gone;
    DELETE FROM leads WHERE id = gone;
$$;
