-- People whose data is erased: the requests, the proof, and what must be known of them afterwards, by keyed hashes alone.

-- ``subject`` and ``person`` say who it is, and are emptied when it is done; ``digests`` stay. ``steps`` are those done
-- since the person was last looked for. ``counts`` is what went, by kind; ``waits_for`` why it does not go on by itself.
CREATE TABLE erasures (
    id text PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('requested', 'queued', 'waiting', 'running', 'finished', 'dismissed')),
    source text NOT NULL CHECK (source IN ('operator', 'caller')),
    subject jsonb,
    person jsonb,
    crm text NOT NULL CHECK (crm IN ('delete', 'keep')),
    requested_by text,
    conversation_id text,
    digests bytea[] NOT NULL DEFAULT '{}',
    steps text[] NOT NULL DEFAULT '{}',
    counts jsonb NOT NULL DEFAULT '{}',
    waits_for text,
    turn bigint NOT NULL DEFAULT 0,
    run_until timestamptz NOT NULL DEFAULT '-infinity',
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    finished_at timestamptz
);

CREATE INDEX erasures_by_time ON erasures (created_at DESC, id DESC);
CREATE INDEX erasures_by_status ON erasures (status, created_at DESC, id DESC);
CREATE INDEX erasures_due ON erasures (due_at) WHERE status IN ('queued', 'waiting', 'running');
CREATE UNIQUE INDEX erasures_one_at_a_time ON erasures (subject) WHERE status IN ('queued', 'waiting', 'running');
-- A wish that is said twice is one request.
CREATE UNIQUE INDEX erasures_one_request ON erasures (conversation_id) WHERE status = 'requested';

-- A number or address of somebody who was erased: whether it may be called, and what the sync does with records at a CRM
-- that have it and are older.
CREATE TABLE erased_people (
    digest bytea PRIMARY KEY,
    do_not_call boolean NOT NULL,
    crm text NOT NULL CHECK (crm IN ('delete', 'keep')),
    erased_at timestamptz NOT NULL
);

-- Its words are gone, erased or past their time: nothing is written into it any more.
ALTER TABLE conversations ADD COLUMN words_gone_at timestamptz;

CREATE INDEX conversations_of_callers ON conversations ((metadata ->> 'calls_from')) WHERE metadata ? 'calls_from';
CREATE INDEX conversations_of_contacts ON conversations ((metadata ->> 'contact_id')) WHERE metadata ? 'contact_id';
CREATE INDEX conversations_with_words ON conversations (ended_at) WHERE words_gone_at IS NULL AND ended_at IS NOT NULL;
CREATE INDEX agent_executions_of_threads ON agent_executions (thread_id) WHERE thread_id IS NOT NULL;
CREATE INDEX bookings_by_any_address ON bookings (lower(email)) WHERE email IS NOT NULL;
CREATE INDEX client_secrets_by_caller ON client_secrets (calls_from) WHERE calls_from IS NOT NULL;

-- What is left of a contact that was erased: which record at the CRM it was, so that it does not come back. ``delete``:
-- its record goes over there too; ``keep``: it stays there, and the sync looks away.
ALTER TABLE crm_contacts ADD COLUMN erased text CHECK (erased IN ('delete', 'keep'));

-- Whoever held the row when it was erased, and writes it afterwards, writes no person.
CREATE FUNCTION crm_contact_stays_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.erased := OLD.erased;
    NEW.lead_id := NULL;
    NEW.email := NULL;
    NEW.first_name := NULL;
    NEW.last_name := NULL;
    NEW.company := NULL;
    NEW.title := NULL;
    NEW.phone := NULL;
    NEW.linkedin_url := NULL;
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

CREATE FUNCTION crm_nothing_of_the_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN EXISTS (SELECT FROM crm_contacts WHERE id = NEW.contact_id AND erased IS NOT NULL) THEN NULL ELSE NEW END;
END;
$$;

CREATE TRIGGER crm_nothing_of_the_erased BEFORE INSERT ON crm_conflicts
    FOR EACH ROW EXECUTE FUNCTION crm_nothing_of_the_erased();
CREATE TRIGGER crm_nothing_of_the_erased BEFORE INSERT ON crm_phone_requests
    FOR EACH ROW EXECUTE FUNCTION crm_nothing_of_the_erased();
