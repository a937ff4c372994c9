-- A lead has more than one address and telephone number, as a contact of the CRM has (migration 0625): ``contact_email`` and
-- ``contact_phone`` are the first of each, the further ones lie beside them, sorted, without the first.
ALTER TABLE leads
    ADD COLUMN further_emails text[] NOT NULL DEFAULT '{}',
    ADD COLUMN further_phones text[] NOT NULL DEFAULT '{}';

CREATE INDEX leads_by_further_phones ON leads USING gin (further_phones) WITH (fastupdate = off)
    WHERE further_phones <> '{}';

-- An address names one lead, be it the first or a further one: all of them are here, by a trigger, and there are no two.
-- In plain order, so that the beginning of an address is found as well.
CREATE TABLE lead_emails (
    email text COLLATE "C" PRIMARY KEY,
    lead_id uuid NOT NULL REFERENCES leads (id) ON DELETE CASCADE
);
INSERT INTO lead_emails (email, lead_id) SELECT contact_email, id FROM leads WHERE contact_email IS NOT NULL;
CREATE INDEX lead_emails_by_lead ON lead_emails (lead_id);
DROP INDEX leads_by_email_start;

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

-- A search finds them as it finds the first. Most leads have none, and their words cost what they did.
ALTER TABLE leads DROP COLUMN search;
ALTER TABLE leads ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
    CASE
        WHEN further_emails = '{}' THEN to_tsvector('simple'::regconfig, translate(
            coalesce(company_name, '') || ' ' || coalesce(contact_name, '') || ' ' || coalesce(contact_email, '') || ' '
            || coalesce(company_website, ''),
            '@.,-_+&/\:;()[]{}<>|"''*!?#', '                          '
        ))
        ELSE to_tsvector('simple'::regconfig, translate(
            coalesce(company_name, '') || ' ' || coalesce(contact_name, '') || ' ' || coalesce(contact_email, '') || ' '
            || coalesce(company_website, ''),
            '@.,-_+&/\:;()[]{}<>|"''*!?#', '                          '
        )) || further_words(further_emails, '{}')
    END
) STORED;
CREATE INDEX leads_by_search ON leads USING gin (search);

-- A number that a caller says is theirs tells nobody who calls; which lead it may be of is asked before it is called.
CREATE INDEX claimed_numbers_by_phone ON claimed_numbers (phone);

-- As in migration 0627, with what leads have beside the first.
CREATE OR REPLACE FUNCTION is_not_to_be_called(number text, lead uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    people uuid[];
    numbers text[];
BEGIN
    IF EXISTS (SELECT FROM do_not_call AS wish WHERE wish.number = $1) THEN
        RETURN true;
    END IF;
    WITH contacts AS MATERIALIZED (
        SELECT contact.lead_id, contact.phone, contact.further_phones FROM crm_contacts AS contact
        WHERE contact.phone = $1 AND contact.deleted_at IS NULL
        UNION ALL
        SELECT contact.lead_id, contact.phone, contact.further_phones FROM crm_contacts AS contact
        WHERE contact.further_phones <> '{}' AND contact.further_phones @> ARRAY[$1] AND contact.deleted_at IS NULL
    )
    SELECT
        ARRAY(
            SELECT $2 WHERE $2 IS NOT NULL
            UNION SELECT leads.id FROM leads WHERE leads.contact_phone = $1
            UNION SELECT leads.id FROM leads WHERE leads.further_phones <> '{}' AND leads.further_phones @> ARRAY[$1]
            UNION SELECT claimed.lead_id FROM claimed_numbers AS claimed WHERE claimed.phone = $1
            UNION SELECT contacts.lead_id FROM contacts WHERE contacts.lead_id IS NOT NULL
        ),
        ARRAY(SELECT unnest(array_append(contacts.further_phones, contacts.phone)) FROM contacts)
    INTO people, numbers;
    IF people = '{}' AND numbers = '{}' THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM leads WHERE leads.id = ANY(people) AND leads.opted_out_at IS NOT NULL) THEN
        RETURN true;
    END IF;
    numbers := numbers || ARRAY(
        SELECT unnest(array_append(leads.further_phones, leads.contact_phone)) FROM leads WHERE leads.id = ANY(people)
        UNION ALL
        SELECT unnest(array_append(contact.further_phones, contact.phone)) FROM crm_contacts AS contact
        WHERE contact.lead_id = ANY(people) AND contact.deleted_at IS NULL
    );
    RETURN EXISTS (
        SELECT FROM do_not_call AS wish
        WHERE wish.number = ANY(numbers) AND (wish.lead_id IS NULL OR wish.lead_id = ANY(people))
    );
END
$$;

CREATE OR REPLACE FUNCTION wants_no_mail(address text, lead uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    addresses text[];
BEGIN
    IF EXISTS (SELECT FROM mail_suppressions AS wish WHERE wish.address_hash = address_hash($1)) THEN
        RETURN true;
    END IF;
    addresses := ARRAY(
        SELECT unnest(array_append(contact.further_emails, contact.email)) FROM crm_contacts AS contact
        WHERE contact.email = $1 AND contact.deleted_at IS NULL
        UNION ALL
        SELECT unnest(array_append(contact.further_emails, contact.email)) FROM crm_contacts AS contact
        WHERE contact.further_emails <> '{}' AND contact.further_emails @> ARRAY[$1] AND contact.deleted_at IS NULL
        UNION ALL
        SELECT unnest(array_append(contact.further_emails, contact.email)) FROM crm_contacts AS contact
        WHERE contact.lead_id = $2 AND contact.deleted_at IS NULL
        UNION ALL
        SELECT theirs.email FROM lead_emails AS theirs
        WHERE theirs.lead_id = $2 OR theirs.lead_id = (SELECT lead_id FROM lead_emails WHERE email = $1)
    );
    RETURN EXISTS (
        SELECT FROM mail_suppressions AS wish
        WHERE wish.address_hash = ANY(address_hashes(array_remove(addresses, $1))) AND wish.reason = 'unsubscribed'
    );
END
$$;

-- As in migration 0626, with the lead's own further numbers, and those that were said to be theirs.
CREATE OR REPLACE FUNCTION suppress_numbers_of_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.opted_out_at IS NOT NULL THEN
        INSERT INTO do_not_call (number, reason, source, lead_id, created_at)
        SELECT DISTINCT numbers.number, 'The lead opted out.', 'opt_out', NEW.id, NEW.opted_out_at
        FROM (
            SELECT NEW.contact_phone AS number
            UNION SELECT unnest(NEW.further_phones)
            UNION SELECT phone FROM claimed_numbers WHERE lead_id = NEW.id
            UNION SELECT phone FROM crm_contacts WHERE lead_id = NEW.id
            UNION SELECT unnest(further_phones) FROM crm_contacts WHERE lead_id = NEW.id
            UNION SELECT outbound_calls.number FROM outbound_calls WHERE lead_id = NEW.id
        ) AS numbers
        WHERE numbers.number ~ '^\+[1-9][0-9]{6,14}$'
        ON CONFLICT (number) DO NOTHING;
    ELSIF TG_OP = 'UPDATE' AND OLD.opted_out_at IS NOT NULL THEN
        DELETE FROM do_not_call WHERE lead_id = NEW.id AND source = 'opt_out';
    END IF;
    RETURN NULL;
END
$$;

DROP TRIGGER leads_opted_out ON leads;
CREATE TRIGGER leads_opted_out
AFTER INSERT OR UPDATE OF opted_out_at, contact_phone, further_phones ON leads
FOR EACH ROW EXECUTE FUNCTION suppress_numbers_of_lead();

-- As in migration 0460, by any of a lead's addresses.
CREATE OR REPLACE FUNCTION campaign_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_results (campaign_id, lead_id, kind, at)
    SELECT DISTINCT message.campaign_id, message.lead_id, 'booked', NEW.created_at
    FROM campaign_messages AS message
    WHERE message.sent_at <= NEW.created_at AND message.sent_at > NEW.created_at - interval '60 days'
        AND message.lead_id IN (
            SELECT NEW.lead_id UNION SELECT lead_id FROM lead_emails WHERE email = lower(NEW.email)
        )
    ON CONFLICT DO NOTHING;
    UPDATE campaign_messages AS message SET status = 'skipped', reason = 'booked', updated_at = NEW.updated_at
    FROM campaign_results AS result
    WHERE result.campaign_id = message.campaign_id AND result.lead_id = message.lead_id AND result.kind = 'booked'
        AND message.status IN ('waiting', 'drafted', 'approved', 'rejected', 'failed')
        AND message.lead_id IN (
            SELECT NEW.lead_id UNION SELECT lead_id FROM lead_emails WHERE email = lower(NEW.email)
        );
    RETURN NULL;
END;
$$;

-- As in migration 0510, with all of a lead's addresses and numbers.
CREATE OR REPLACE FUNCTION webhook_lead(lead leads) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', lead.id, 'company_name', lead.company_name, 'company_website', lead.company_website,
        'company_size', lead.company_size, 'industry', lead.industry, 'contact_name', lead.contact_name,
        'contact_email', lead.contact_email, 'contact_title', lead.contact_title, 'contact_phone', lead.contact_phone,
        'further_emails', lead.further_emails, 'further_phones', lead.further_phones,
        'linkedin_url', lead.linkedin_url, 'status', lead.status, 'time_zone', lead.time_zone, 'source', lead.source,
        'qualification_score', lead.qualification_score, 'qualification_tier', lead.qualification_tier,
        'opted_out_at', webhook_time(lead.opted_out_at), 'created_at', webhook_time(lead.created_at),
        'updated_at', webhook_time(lead.updated_at)
    )
$$;
