-- People have more than one address and telephone number. ``email`` and ``phone`` stay the first of each, which is written
-- to and called; the further ones lie beside it, sorted, without the first. Arrays and not a table: a contact is read,
-- merged, written and erased as a whole. An address names nobody for certain, so there is nothing unique about it.
-- ``address_types`` says what an address or number is for, as the CRM has it.
ALTER TABLE crm_contacts
    ADD COLUMN further_emails text[] NOT NULL DEFAULT '{}',
    ADD COLUMN further_phones text[] NOT NULL DEFAULT '{}',
    ADD COLUMN address_types jsonb NOT NULL DEFAULT '{}';

CREATE INDEX crm_contacts_by_further_emails ON crm_contacts USING gin (further_emails) WHERE further_emails <> '{}';
CREATE INDEX crm_contacts_by_further_phones ON crm_contacts USING gin (further_phones) WHERE further_phones <> '{}';

CREATE FUNCTION address_hashes(addresses text[]) RETURNS bytea[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY(SELECT address_hash(address) FROM unnest(addresses) AS address);

CREATE INDEX crm_contacts_by_further_hashes ON crm_contacts USING gin (address_hashes(further_emails))
    WHERE further_emails <> '{}';

-- A search finds them as it finds the first (migration 0481).
CREATE FUNCTION further_words(emails text[], phones text[]) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT contact_words(NULL, NULL, NULL, array_to_string(emails, ' '), NULL) || array_to_tsvector(ARRAY(
        SELECT DISTINCT substr(digits, place)
        FROM unnest(phones) AS phone, left(regexp_replace(phone, '[^0-9]', '', 'g'), 20) AS digits,
            generate_series(1, length(digits) - 3) AS place
    ))
$$;

-- Most contacts have no further ones, and their words cost what they did.
ALTER TABLE crm_contacts DROP COLUMN search;
ALTER TABLE crm_contacts ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
    CASE
        WHEN further_emails = '{}' AND further_phones = '{}'
        THEN contact_words(first_name, last_name, company, email, phone)
        ELSE contact_words(first_name, last_name, company, email, phone) || further_words(further_emails, further_phones)
    END
) STORED;
CREATE INDEX crm_contacts_by_search ON crm_contacts USING gin (search) WHERE deleted_at IS NULL;

CREATE OR REPLACE FUNCTION crm_contact_stays_erased() RETURNS trigger LANGUAGE plpgsql AS $$
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
