-- People and deals as they stand at the CRMs, and what the merge of both sides needs to know of them.

-- Keys and tokens of other systems. The three secrets are encrypted before they come here (Fernet tokens); nothing in
-- this table opens anything without ENCRYPTION_KEY.
CREATE TABLE crm_credentials (
    platform text NOT NULL,
    account text NOT NULL DEFAULT 'default',
    api_key bytea,
    access_token bytea,
    refresh_token bytea,
    expires_at timestamptz,
    scopes text[] NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform, account)
);

-- Whose records are known here: what the account with the CRM is called there. With a key of another one every record
-- would look as if it had been deleted.
CREATE TABLE crm_accounts (
    platform text PRIMARY KEY,
    ids text[] NOT NULL,
    name text NOT NULL,
    noted_at timestamptz NOT NULL
);

-- ``base`` holds the values both sides last agreed on and ``field_times`` when a field was last changed here: together
-- they make a three-way merge per field. ``writing`` is what a write under way sets, so that its echo is known again
-- even when its answer was lost. ``refused`` are values the CRM does not take; they are not sent again.
--
-- ``email`` and ``phone`` are the first of each, which is written to and called; the further ones lie beside it,
-- sorted, without the first. Arrays and not a table: a contact is read, merged, written and erased as a whole. An
-- address names nobody for certain, so there is nothing unique about it. ``address_types`` says what an address or
-- number is for, as the CRM has it.
--
-- A deleted contact keeps its row and its values. ``erased`` is what is left of one that was erased: which record at
-- the CRM it was, so that it does not come back. ``delete``: its record goes over there too; ``keep``: it stays there,
-- and the sync looks away.
CREATE TABLE crm_contacts (
    id text PRIMARY KEY,
    crm_platform text NOT NULL,
    external_id text,
    parent_id text,
    reference text NOT NULL UNIQUE,
    lead_id uuid,
    email text,
    first_name text,
    last_name text,
    company text,
    title text,
    phone text,
    linkedin_url text,
    further_emails text[] NOT NULL DEFAULT '{}',
    further_phones text[] NOT NULL DEFAULT '{}',
    address_types jsonb NOT NULL DEFAULT '{}',
    enrichment_data jsonb NOT NULL DEFAULT '{}',
    field_times jsonb NOT NULL DEFAULT '{}',
    base jsonb NOT NULL DEFAULT '{}',
    writing jsonb NOT NULL DEFAULT '{}',
    refused jsonb NOT NULL DEFAULT '{}',
    enriched_at jsonb NOT NULL DEFAULT '{}',
    remote_updated_at timestamptz,
    create_tried_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    deleted_at timestamptz,
    deleted_by text CHECK (deleted_by IN ('local', 'remote')),
    erased text CHECK (erased IN ('delete', 'keep')),
    last_synced_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Words of their name, company and addresses, as leads are found, and digits of their numbers. Most contacts have
    -- no further ones, and their words cost no more for it.
    search tsvector NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN further_emails = '{}' AND further_phones = '{}'
            THEN contact_words(first_name, last_name, company, email, phone)
            ELSE contact_words(first_name, last_name, company, email, phone)
                || further_words(further_emails, further_phones)
        END
    ) STORED
);

CREATE UNIQUE INDEX crm_contacts_by_external_id ON crm_contacts (crm_platform, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX crm_contacts_by_parent ON crm_contacts (crm_platform, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX crm_contacts_by_lead ON crm_contacts (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX crm_contacts_by_time ON crm_contacts (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX crm_contacts_by_platform ON crm_contacts (crm_platform, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;
CREATE INDEX crm_contacts_by_email ON crm_contacts (email) WHERE email IS NOT NULL;
CREATE INDEX crm_contacts_by_email_start ON crm_contacts (email COLLATE "C")
    WHERE email IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX crm_contacts_by_address_hash ON crm_contacts (address_hash(email)) WHERE email IS NOT NULL;
CREATE INDEX crm_contacts_by_linkedin_url ON crm_contacts (linkedin_url) WHERE linkedin_url IS NOT NULL;
-- Whoever calls is looked up by number before the first word.
CREATE INDEX crm_contacts_by_phone ON crm_contacts (phone) WHERE phone IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX crm_contacts_by_search ON crm_contacts USING gin (search) WHERE deleted_at IS NULL;
-- A look-up reads what is pending in an index as well, and comes before every call.
CREATE INDEX crm_contacts_by_further_emails ON crm_contacts USING gin (further_emails) WITH (fastupdate = off)
    WHERE further_emails <> '{}';
CREATE INDEX crm_contacts_by_further_phones ON crm_contacts USING gin (further_phones) WITH (fastupdate = off)
    WHERE further_phones <> '{}';
CREATE INDEX crm_contacts_by_further_hashes ON crm_contacts USING gin (address_hashes(further_emails))
    WITH (fastupdate = off) WHERE further_emails <> '{}';

-- Whoever held the row when it was erased, and writes it afterwards, writes no person. Of two erasures of one person
-- the one that wants the record over there deleted has its way, whichever is done first.
CREATE FUNCTION crm_contact_stays_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.erased := CASE WHEN NEW.erased = 'delete' THEN 'delete' ELSE OLD.erased END;
    NEW.lead_id := NULL;
    NEW.email := NULL;
    NEW.first_name := NULL;
    NEW.last_name := NULL;
    NEW.company := NULL;
    NEW.title := NULL;
    NEW.phone := NULL;
    NEW.linkedin_url := NULL;
    NEW.further_emails := '{}';
    NEW.further_phones := '{}';
    NEW.address_types := '{}';
    NEW.enrichment_data := '{}';
    NEW.field_times := '{}';
    NEW.base := '{}';
    NEW.writing := '{}';
    NEW.refused := '{}';
    NEW.enriched_at := '{}';
    NEW.deleted_at := OLD.deleted_at;
    NEW.deleted_by := OLD.deleted_by;
    RETURN NEW;
END;
$$;

CREATE TRIGGER crm_contact_stays_erased BEFORE UPDATE ON crm_contacts
    FOR EACH ROW WHEN (OLD.erased IS NOT NULL) EXECUTE FUNCTION crm_contact_stays_erased();

-- Another name of a record: a lead that was merged into another.
CREATE TABLE crm_aliases (
    platform text NOT NULL,
    old_id text NOT NULL,
    new_id text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform, old_id)
);

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
CREATE INDEX crm_opportunities_by_kind ON crm_opportunities (status_kind, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;
CREATE INDEX crm_opportunities_by_platform ON crm_opportunities (platform, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;
CREATE INDEX crm_opportunities_by_platform_kind ON crm_opportunities (platform, status_kind, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;

-- Both values are kept, whoever won.
CREATE TABLE crm_conflicts (
    id text PRIMARY KEY,
    platform text NOT NULL,
    contact_id text NOT NULL REFERENCES crm_contacts (id) ON DELETE CASCADE,
    field text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('both_changed', 'cleared', 'deleted', 'refused')),
    base_value jsonb,
    local_value jsonb,
    remote_value jsonb,
    local_at timestamptz,
    remote_at timestamptz,
    winner text NOT NULL CHECK (winner IN ('local', 'remote')),
    critical boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'resolved')),
    resolution text,
    created_at timestamptz NOT NULL,
    resolved_at timestamptz
);

CREATE INDEX crm_conflicts_by_time ON crm_conflicts (created_at DESC, id DESC);
CREATE INDEX crm_conflicts_by_state ON crm_conflicts (state, created_at DESC, id DESC);
CREATE INDEX crm_conflicts_by_platform ON crm_conflicts (platform, created_at DESC, id DESC);
CREATE INDEX crm_conflicts_by_platform_state ON crm_conflicts (platform, state, created_at DESC, id DESC);
CREATE INDEX crm_conflicts_by_contact ON crm_conflicts (contact_id, state);
-- What waits for a decision, counted and listed by what it is about; few of all conflicts are open.
CREATE INDEX crm_conflicts_open ON crm_conflicts (platform, kind, field, created_at DESC, id DESC) WHERE state = 'open';

-- Whose telephone numbers an enrichment provider was asked for: it finds them later and posts them. What it posts of
-- anybody else is of no use and not taken. ``stand_in``: the number the contact got when it was asked about, the
-- company's as a rule: the person's own takes its place.
CREATE TABLE crm_phone_requests (
    platform text NOT NULL,
    person_id text NOT NULL,
    contact_id text NOT NULL REFERENCES crm_contacts (id) ON DELETE CASCADE,
    stand_in text,
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (platform, person_id, contact_id)
);

CREATE INDEX crm_phone_requests_by_time ON crm_phone_requests (asked_at);
-- Whoever deletes a contact looks for what belongs to it.
CREATE INDEX crm_phone_requests_by_contact ON crm_phone_requests (contact_id);

CREATE FUNCTION crm_nothing_of_the_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN EXISTS (SELECT FROM crm_contacts WHERE id = NEW.contact_id AND erased IS NOT NULL) THEN NULL ELSE NEW END;
END;
$$;

CREATE TRIGGER crm_nothing_of_the_erased BEFORE INSERT ON crm_conflicts
    FOR EACH ROW EXECUTE FUNCTION crm_nothing_of_the_erased();
CREATE TRIGGER crm_nothing_of_the_erased BEFORE INSERT ON crm_phone_requests
    FOR EACH ROW EXECUTE FUNCTION crm_nothing_of_the_erased();
