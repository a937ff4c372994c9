-- Whose telephone numbers an enrichment provider was asked for: it finds them later and posts them. What it posts of
-- anybody else is of no use and not taken.
CREATE TABLE crm_phone_requests (
    platform text NOT NULL,
    person_id text NOT NULL,
    contact_id text NOT NULL REFERENCES crm_contacts (id) ON DELETE CASCADE,
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (platform, person_id, contact_id)
);

CREATE INDEX crm_phone_requests_by_time ON crm_phone_requests (asked_at);
