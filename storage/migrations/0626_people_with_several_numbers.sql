-- Wishes not to be called or written to hold for the person, by whatever number or address of theirs they were said of.
-- Whose a number or address is, the contacts of the CRM tell, which have several of each.

-- An entry of another lead stands for its number alone: it may be an office's, which many people have.
CREATE FUNCTION is_not_to_be_called(number text, lead uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH contacts AS (
        SELECT contact.lead_id, array_append(contact.further_phones, contact.phone) AS numbers FROM crm_contacts AS contact
        WHERE contact.deleted_at IS NULL AND (
            contact.phone = $1 OR contact.lead_id = $2
            OR (contact.further_phones <> '{}' AND contact.further_phones @> ARRAY[$1])
        )
    ),
    people AS (
        SELECT leads.id, leads.contact_phone, leads.opted_out_at FROM leads
        WHERE leads.id = $2 OR leads.contact_phone = $1
            OR leads.id IN (SELECT lead_id FROM contacts WHERE lead_id IS NOT NULL)
    )
    SELECT EXISTS (SELECT FROM do_not_call AS wish WHERE wish.number = $1)
        OR EXISTS (SELECT FROM people WHERE people.opted_out_at IS NOT NULL)
        OR EXISTS (
            SELECT FROM do_not_call AS wish JOIN people ON people.contact_phone = wish.number
            WHERE wish.lead_id IS NULL OR wish.lead_id = people.id
        )
        OR EXISTS (
            SELECT FROM contacts CROSS JOIN LATERAL unnest(contacts.numbers) AS theirs (number)
            JOIN do_not_call AS wish ON wish.number = theirs.number
            WHERE wish.lead_id IS NULL OR wish.lead_id = contacts.lead_id
        )
$$;

-- That an address takes no mail says nothing of somebody's others.
CREATE FUNCTION wants_no_mail(address text, lead uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM mail_suppressions AS wish WHERE wish.address_hash = address_hash($1))
        OR EXISTS (
            SELECT FROM crm_contacts AS contact
            CROSS JOIN LATERAL unnest(array_append(contact.further_emails, contact.email)) AS theirs (address)
            JOIN mail_suppressions AS wish ON wish.address_hash = address_hash(theirs.address)
            WHERE contact.deleted_at IS NULL AND wish.reason = 'unsubscribed' AND (
                contact.lead_id = $2 OR contact.email = $1
                OR (contact.further_emails <> '{}' AND contact.further_emails @> ARRAY[$1])
            )
        )
$$;

-- As in migration 0350, with the further numbers of the lead's contacts.
CREATE OR REPLACE FUNCTION suppress_numbers_of_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.opted_out_at IS NOT NULL THEN
        INSERT INTO do_not_call (number, reason, source, lead_id, created_at)
        SELECT DISTINCT numbers.number, 'The lead opted out.', 'opt_out', NEW.id, NEW.opted_out_at
        FROM (
            SELECT NEW.contact_phone AS number
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
