-- Deals at the CRMs, as they stand there: the CRM is the one truth, a change made here is an order in crm_outbox, and
-- shows here once it is carried out. ``mark`` is what a creation of ours carries over there, so that it is known again.
CREATE TABLE crm_opportunities (
    id text PRIMARY KEY,
    platform text NOT NULL,
    external_id text,
    parent_id text,
    contact_id text REFERENCES crm_contacts (id),
    mark text UNIQUE,
    status text,
    status_kind text CHECK (status_kind IN ('active', 'won', 'lost')),
    value_cents bigint,
    value_currency text,
    value_period text CHECK (value_period IN ('one_time', 'monthly', 'annual')),
    confidence_percent integer,
    note text,
    remote_updated_at timestamptz,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX crm_opportunities_by_external_id ON crm_opportunities (platform, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX crm_opportunities_by_parent ON crm_opportunities (platform, parent_id) WHERE deleted_at IS NULL;
CREATE INDEX crm_opportunities_by_time ON crm_opportunities (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX crm_opportunities_by_contact ON crm_opportunities (contact_id, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;

ALTER TABLE crm_outbox DROP CONSTRAINT crm_outbox_kind_check,
    ADD CONSTRAINT crm_outbox_kind_check CHECK (kind IN ('contact', 'call', 'note', 'opportunity'));
