-- What conversations and agents learn of leads reaches the CRM.

-- A conversation whose lead becomes known only after its end is entered then.
DROP TRIGGER crm_log_conversation ON conversations;
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
