-- People and companies that may buy.

-- ``contact_email`` is in lower case and names a lead: there are no two with the same. ``contact_phone`` is E.164 where
-- it could be read as a number. They are the first of each; the further ones lie beside them, sorted, without the
-- first. ``answers``: what somebody said to the questions of a profile, by the questions' keys; ``answer_notes``: of
-- each the question in its words then, when it was told, and who wrote it where a person did.
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
    further_emails text[] NOT NULL DEFAULT '{}',
    further_phones text[] NOT NULL DEFAULT '{}',
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
    answers jsonb NOT NULL DEFAULT '{}',
    answer_notes jsonb NOT NULL DEFAULT '{}',
    source text,
    conversation_id text,
    opted_out_at timestamptz,
    custom jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- What a search looks through, word by word; the marks inside addresses part words too. Most leads have one address
    -- alone, and their words cost no more than that.
    search tsvector NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN further_emails = '{}' THEN to_tsvector('simple'::regconfig, translate(
                coalesce(company_name, '') || ' ' || coalesce(contact_name, '') || ' '
                || coalesce(contact_email, '') || ' ' || coalesce(company_website, ''),
                '@.,-_+&/\:;()[]{}<>|"''*!?#', '                          '
            ))
            ELSE to_tsvector('simple'::regconfig, translate(
                coalesce(company_name, '') || ' ' || coalesce(contact_name, '') || ' '
                || coalesce(contact_email, '') || ' ' || coalesce(company_website, ''),
                '@.,-_+&/\:;()[]{}<>|"''*!?#', '                          '
            )) || further_words(further_emails, '{}')
        END
    ) STORED
);

CREATE UNIQUE INDEX leads_by_email ON leads (contact_email) WHERE contact_email IS NOT NULL;
CREATE INDEX leads_by_phone ON leads (contact_phone, created_at) WHERE contact_phone IS NOT NULL;
CREATE INDEX leads_by_further_phones ON leads USING gin (further_phones) WITH (fastupdate = off)
    WHERE further_phones <> '{}';
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
-- Two filters of a list at once, and the best of an industry or tier first: a mix that few leads have is read from its
-- own index and not looked for among those that have one half of it.
CREATE INDEX leads_by_industry_status ON leads (lower(industry), status, created_at DESC, id DESC)
    WHERE industry IS NOT NULL;
CREATE INDEX leads_by_tier_status ON leads (qualification_tier, status, created_at DESC, id DESC)
    WHERE qualification_tier IS NOT NULL;
CREATE INDEX leads_by_tier_industry ON leads (qualification_tier, lower(industry), created_at DESC, id DESC)
    WHERE qualification_tier IS NOT NULL;
CREATE INDEX leads_by_industry_score ON leads (lower(industry), qualification_score DESC, id DESC)
    WHERE qualification_score IS NOT NULL;
CREATE INDEX leads_by_tier_score ON leads (qualification_tier, qualification_score DESC, id DESC)
    WHERE qualification_score IS NOT NULL;
CREATE INDEX leads_scored_by_time ON leads (created_at, qualification_score, id) WHERE qualification_score IS NOT NULL;
CREATE STATISTICS leads_mixes (mcv, dependencies) ON status, qualification_tier, qualification_score FROM leads;

-- An address names one lead, be it the first or a further one: all of them are here, by a trigger, and there are no
-- two. In plain order, so that the beginning of an address is found as well.
CREATE TABLE lead_emails (
    email text COLLATE "C" PRIMARY KEY,
    lead_id uuid NOT NULL REFERENCES leads (id) ON DELETE CASCADE
);
CREATE INDEX lead_emails_by_lead ON lead_emails (lead_id);

CREATE FUNCTION keep_lead_emails() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    addresses text[] := array_remove(array_append(NEW.further_emails, NEW.contact_email), NULL);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM lead_emails WHERE lead_id = NEW.id AND email <> ALL(addresses);
    END IF;
    INSERT INTO lead_emails (email, lead_id)
    SELECT DISTINCT address, NEW.id FROM unnest(addresses) AS address
    WHERE NOT EXISTS (SELECT FROM lead_emails AS own WHERE own.email = address AND own.lead_id = NEW.id)
    ORDER BY address;
    RETURN NULL;
END
$$;

CREATE TRIGGER lead_emails_of_new AFTER INSERT ON leads FOR EACH ROW
    WHEN (NEW.contact_email IS NOT NULL OR NEW.further_emails <> '{}') EXECUTE FUNCTION keep_lead_emails();
CREATE TRIGGER lead_emails_of_changed AFTER UPDATE OF contact_email, further_emails ON leads FOR EACH ROW
    WHEN (
        NEW.contact_email IS DISTINCT FROM OLD.contact_email OR NEW.further_emails IS DISTINCT FROM OLD.further_emails
    )
    EXECUTE FUNCTION keep_lead_emails();

-- Numbers that somebody in a conversation put on a lead that was there before: whoever calls from one may be them, and
-- may be anybody who named their address.
CREATE TABLE claimed_numbers (
    lead_id uuid NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    phone text NOT NULL,
    PRIMARY KEY (lead_id, phone)
);

-- A number that a caller says is theirs tells nobody who calls; which lead it may be of is asked before it is called.
CREATE INDEX claimed_numbers_by_phone ON claimed_numbers (phone);
