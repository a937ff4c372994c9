-- People and companies that may buy. contact_email is in lower case and names a lead: there are no two with the same.
-- contact_phone is E.164 where it could be read as a number.
CREATE TABLE leads (
    id uuid PRIMARY KEY,
    company_name text,
    company_website text,
    company_size text,
    industry text,
    contact_name text,
    contact_email text,
    contact_title text,
    contact_phone text,
    linkedin_url text,
    notes text,
    qualification_score smallint CHECK (qualification_score BETWEEN 0 AND 100),
    qualification_tier text,
    qualification_reasoning text,
    qualification_latency_ms double precision,
    qualified_at timestamptz,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN (
        'pending', 'contacted', 'qualified', 'unqualified', 'meeting_booked', 'not_interested', 'customer', 'lost'
    )),
    time_zone text,
    need text,
    team_size integer,
    budget text,
    authority text,
    timing text,
    source text,
    conversation_id text,
    opted_out_at timestamptz,
    custom jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- What a search looks through, word by word; the marks inside addresses part words too.
    search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, translate(
        coalesce(company_name, '') || ' ' || coalesce(contact_name, '') || ' ' || coalesce(contact_email, '') || ' '
        || coalesce(company_website, ''),
        '@.,-_+&/\:;()[]{}<>|"''*!?#', '                          '
    ))) STORED
);

CREATE UNIQUE INDEX leads_by_email ON leads (contact_email) WHERE contact_email IS NOT NULL;
CREATE INDEX leads_by_phone ON leads (contact_phone, created_at) WHERE contact_phone IS NOT NULL;
CREATE INDEX leads_by_search ON leads USING gin (search);

-- A list is paged by (created_at, id) or by (score, id). Each filter has an index in the list's order; the statistics
-- tell the planner which mixes of them are rare, and those it finds by another index and sorts.
CREATE INDEX leads_by_time ON leads (created_at DESC, id DESC);
CREATE INDEX leads_by_status ON leads (status, created_at DESC, id DESC);
CREATE INDEX leads_by_tier ON leads (qualification_tier, created_at DESC, id DESC)
    WHERE qualification_tier IS NOT NULL;
CREATE INDEX leads_by_industry ON leads (lower(industry), created_at DESC, id DESC) WHERE industry IS NOT NULL;
CREATE INDEX leads_by_score ON leads (qualification_score DESC, id DESC) WHERE qualification_score IS NOT NULL;
CREATE INDEX leads_by_status_score ON leads (status, qualification_score DESC, id DESC)
    WHERE qualification_score IS NOT NULL;
CREATE STATISTICS leads_mixes (mcv, dependencies) ON status, qualification_tier, qualification_score FROM leads;

-- What an outcome's lead is. The conversation's own row is written behind and may come after the outcome: then it takes
-- the lead from here.
ALTER TABLE conversation_outcomes ADD COLUMN lead_id uuid;

CREATE FUNCTION conversation_takes_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.lead_id := (
        SELECT lead_id FROM conversation_outcomes
        WHERE conversation_id = NEW.id AND lead_id IS NOT NULL
        ORDER BY created_at DESC LIMIT 1
    );
    RETURN NEW;
END;
$$;

CREATE TRIGGER conversation_takes_lead BEFORE INSERT ON conversations
    FOR EACH ROW WHEN (NEW.lead_id IS NULL) EXECUTE FUNCTION conversation_takes_lead();
