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

-- Those that wait already.
UPDATE call_list_entries SET status = 'done', result = 'do_not_call', reason = NULL, updated_at = now()
WHERE status = 'waiting' AND lead_is_suppressed(lead_id);
