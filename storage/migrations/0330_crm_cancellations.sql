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
