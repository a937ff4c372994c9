-- What happens here becomes an activity at the CRM. The entry for it is made in the very transaction that records it,
-- whoever does that.

CREATE FUNCTION crm_note_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_outbox (platform, kind, subject, reference, payload, due_at, created_at)
    VALUES (
        'close', 'note', NEW.conversation_id, 'outcome:' || NEW.idempotency_key,
        jsonb_build_object('outcome', NEW.kind, 'data', NEW.data), NEW.created_at, NEW.created_at
    )
    ON CONFLICT (reference) DO NOTHING;
    RETURN NULL;
END;
$$;

CREATE TRIGGER crm_note_outcome AFTER INSERT ON conversation_outcomes
    FOR EACH ROW EXECUTE FUNCTION crm_note_outcome();

CREATE FUNCTION crm_log_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_outbox (platform, kind, subject, reference, due_at, created_at)
    VALUES ('close', 'call', NEW.id, 'conversation:' || NEW.id, NEW.ended_at, NEW.ended_at)
    ON CONFLICT (reference) DO NOTHING;
    RETURN NULL;
END;
$$;

-- Conversations of nobody we know are of no use to a CRM; one whose lead becomes known only after its end is entered
-- then.
CREATE TRIGGER crm_log_conversation AFTER UPDATE ON conversations
    FOR EACH ROW WHEN (
        NEW.ended_at IS NOT NULL
        AND (OLD.ended_at IS NULL OR OLD.lead_id IS DISTINCT FROM NEW.lead_id)
        AND (NEW.lead_id IS NOT NULL OR NEW.metadata ? 'contact_id')
    )
    EXECUTE FUNCTION crm_log_conversation();

-- A qualification becomes a note, unless a newer one of the same lead comes within five minutes: while a conversation
-- is under way it is judged again after every answer, and only the judgement that stands is worth entering.
CREATE FUNCTION crm_note_qualification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_outbox (platform, kind, subject, reference, payload, due_at, created_at)
    VALUES (
        'close', 'note', NEW.execution_id, 'qualification:' || NEW.execution_id,
        jsonb_build_object(
            'outcome', 'qualification', 'lead_id', NEW.lead_id, 'judged_at', NEW.created_at,
            'data', jsonb_build_object('tier', NEW.tier, 'score', NEW.score, 'reasoning', NEW.reasoning)
        ),
        NEW.created_at + interval '5 minutes', NEW.created_at
    )
    ON CONFLICT (reference) DO NOTHING;
    RETURN NULL;
END;
$$;

CREATE TRIGGER crm_note_qualification AFTER INSERT ON qualification_results
    FOR EACH ROW WHEN (NEW.lead_id IS NOT NULL) EXECUTE FUNCTION crm_note_qualification();

-- A meeting that is cancelled, by whomever and wherever, is told of in the CRM beside the note of its booking: for that
-- it has the same conversation, or stands for one itself. A booking is cancelled once, and so is its note.
CREATE FUNCTION crm_note_cancellation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_outbox (platform, kind, subject, reference, payload, due_at, created_at)
    VALUES (
        'close', 'note', coalesce(NEW.conversation_id, NEW.id), 'cancellation:' || NEW.id,
        jsonb_build_object(
            'outcome', 'cancellation',
            'data', jsonb_strip_nulls(jsonb_build_object(
                'start', to_char(NEW.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
                'email', NEW.email, 'name', NEW.name, 'company', NEW.company
            ))
        ),
        NEW.updated_at, NEW.updated_at
    )
    ON CONFLICT (reference) DO NOTHING;
    RETURN NULL;
END;
$$;

CREATE TRIGGER crm_note_cancellation AFTER UPDATE ON bookings
    FOR EACH ROW WHEN (NEW.status = 'cancelled' AND OLD.status = 'booked') EXECUTE FUNCTION crm_note_cancellation();
