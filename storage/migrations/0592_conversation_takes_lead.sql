-- An outcome brings a lead to its conversation while the conversation's own row is being written, and neither transaction
-- saw the other: the row stood without its lead. The insert waits for the outcome now, by the lock that outcomes hold
-- (``outcome_lock_conversation``), and an outcome for the insert.
CREATE OR REPLACE FUNCTION conversation_takes_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(5273, hashtext(NEW.id));
    NEW.lead_id := (
        SELECT lead_id FROM conversation_outcomes
        WHERE conversation_id = NEW.id AND lead_id IS NOT NULL
        ORDER BY created_at DESC LIMIT 1
    );
    RETURN NEW;
END;
$$;
