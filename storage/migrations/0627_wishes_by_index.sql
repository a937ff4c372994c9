-- As in migration 0626, each step by an index, whatever the planner thinks of the others: they are asked of every number
-- before it is called, and of thousands at once before a list is.
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
        SELECT leads.contact_phone FROM leads WHERE leads.id = ANY(people)
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
    );
    RETURN EXISTS (
        SELECT FROM mail_suppressions AS wish
        WHERE wish.address_hash = ANY(address_hashes(array_remove(addresses, $1))) AND wish.reason = 'unsubscribed'
    );
END
$$;

-- A look-up reads what is pending, too, and comes before every call.
ALTER INDEX crm_contacts_by_further_emails SET (fastupdate = off);
ALTER INDEX crm_contacts_by_further_phones SET (fastupdate = off);
ALTER INDEX crm_contacts_by_further_hashes SET (fastupdate = off);
