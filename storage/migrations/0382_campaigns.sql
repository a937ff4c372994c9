-- Campaigns: for each lead of an audience one message, written by the marketing agent and approved by a person.

CREATE TABLE campaigns (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    channel text NOT NULL CHECK (channel IN ('email')),
    goal text NOT NULL,
    audience jsonb NOT NULL,
    budget_usd double precision NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'generating', 'paused', 'ready', 'cancelled')),
    -- Why it is paused.
    reason text CHECK (reason IN ('preview', 'budget', 'person')),
    -- So many messages are wanted now; NULL: all.
    wanted integer,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX campaigns_by_age ON campaigns (created_at DESC, id DESC);
CREATE INDEX campaigns_generating ON campaigns (updated_at) WHERE status = 'generating';

CREATE TABLE campaign_messages (
    campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    lead_id uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    position integer NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'drafted', 'approved', 'rejected', 'skipped', 'failed')),
    -- Why it is skipped, or has failed.
    reason text,
    subject text,
    body text,
    engine text,
    execution_id text,
    cost_usd double precision NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    -- Until then it is in the hands of the process that writes it.
    write_until timestamptz NOT NULL DEFAULT '-infinity',
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, lead_id)
);

CREATE UNIQUE INDEX campaign_messages_in_order ON campaign_messages (campaign_id, position);
CREATE INDEX campaign_messages_waiting ON campaign_messages (campaign_id, position) WHERE status = 'waiting';
CREATE INDEX campaign_messages_by_lead ON campaign_messages (lead_id);
