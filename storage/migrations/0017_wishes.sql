-- Wishes not to be called or written to hold for the person, by whatever number or address of theirs they were said of.
-- Whose a number or address is, the leads and the contacts of the CRM tell, which have several of each.

-- An opt-out covers every number of the lead, also those that were only said to be theirs, whoever records it and in
-- which way; taken back by an operator, it goes.
CREATE FUNCTION suppress_numbers_of_lead() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER leads_opted_out
AFTER INSERT OR UPDATE OF opted_out_at, contact_phone, further_phones ON leads
FOR EACH ROW EXECUTE FUNCTION suppress_numbers_of_lead();

-- An entry of another lead stands for its number alone: it may be an office's, which many people have. Each step is by
-- an index, whatever the planner thinks of the others: this is asked of every number before it is called, and of
-- thousands at once before a list is.
CREATE FUNCTION is_not_to_be_called(number text, lead uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
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

-- That an address takes no mail says nothing of somebody's others.
CREATE FUNCTION wants_no_mail(address text, lead uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
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

-- Who is not to be called any more is done with at once in every call list, whoever writes it down and in which way; so
-- is whoever begins to wait again meanwhile.

-- What the dialler would find at their turn, of the number and the lead itself.
CREATE FUNCTION lead_is_suppressed(one uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM leads
        WHERE leads.id = one AND (
            leads.opted_out_at IS NOT NULL
            OR EXISTS (SELECT FROM do_not_call WHERE do_not_call.number = leads.contact_phone)
        )
    )
$$;

-- In one order, so that two of these do not lock each other up. The processes are told: perhaps nobody waits any more.
CREATE FUNCTION end_entries_of_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM call_list_entries WHERE status = 'waiting') THEN
        RETURN NULL;
    END IF;
    WITH found AS (
        SELECT entry.id
        FROM added JOIN leads ON leads.contact_phone = added.number JOIN call_list_entries AS entry ON entry.lead_id = leads.id
        WHERE entry.status = 'waiting'
        ORDER BY entry.id
        FOR NO KEY UPDATE OF entry
    )
    UPDATE call_list_entries AS entry SET status = 'done', result = 'do_not_call', reason = NULL, updated_at = now()
    FROM found WHERE entry.id = found.id;
    IF FOUND THEN
        PERFORM pg_notify('call_lists', '');
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER do_not_call_in_lists AFTER INSERT ON do_not_call REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION end_entries_of_numbers();

-- Also of leads without a number that can be suppressed, and of those that get one that is.
CREATE FUNCTION end_entries_of_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT lead_is_suppressed(NEW.id) THEN
        RETURN NULL;
    END IF;
    WITH found AS (
        SELECT entry.id FROM call_list_entries AS entry
        WHERE entry.lead_id = NEW.id AND entry.status = 'waiting'
        ORDER BY entry.id
        FOR NO KEY UPDATE
    )
    UPDATE call_list_entries AS entry SET status = 'done', result = 'do_not_call', reason = NULL, updated_at = now()
    FROM found WHERE entry.id = found.id;
    IF FOUND THEN
        PERFORM pg_notify('call_lists', '');
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER leads_opted_out_in_lists AFTER UPDATE OF opted_out_at, contact_phone ON leads FOR EACH ROW
    WHEN (
        NEW.opted_out_at IS NOT NULL AND OLD.opted_out_at IS NULL
        OR NEW.contact_phone IS DISTINCT FROM OLD.contact_phone
    )
    EXECUTE FUNCTION end_entries_of_lead();

-- After a call that was no attempt, and when two leads turn out to be one person.
CREATE FUNCTION end_entry_that_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF lead_is_suppressed(NEW.lead_id) THEN
        NEW.status := 'done';
        NEW.result := 'do_not_call';
        NEW.reason := NULL;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER call_list_entries_wait BEFORE UPDATE OF status, lead_id ON call_list_entries FOR EACH ROW
    WHEN (NEW.status = 'waiting' AND (OLD.status <> 'waiting' OR NEW.lead_id IS DISTINCT FROM OLD.lead_id))
    EXECUTE FUNCTION end_entry_that_waits();
