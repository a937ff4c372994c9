-- Which carrier was asked for a call, and whether its voicemail was told what for.
ALTER TABLE outbound_calls ADD COLUMN carrier text, ADD COLUMN left_message boolean NOT NULL DEFAULT false;
UPDATE outbound_calls SET carrier = 'twilio' WHERE dialled_at IS NOT NULL;

-- How a call ended reaches the CRM, whoever finds it out, also when nobody was talked to. It is the entry of the
-- conversation that was held in it, if there is one, whichever of the two comes first. What nobody's telephone rang for
-- is no call there; that somebody may not be called at all is told once a day.
CREATE FUNCTION crm_log_outbound_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_outbox (platform, kind, subject, reference, due_at, created_at)
    VALUES (
        'close', 'call', NEW.conversation_id,
        CASE
            WHEN NEW.status = 'refused'
                THEN concat_ws(':', 'refusal', NEW.lead_id, NEW.code, (NEW.ended_at AT TIME ZONE 'UTC')::date)
            ELSE 'conversation:' || NEW.conversation_id
        END,
        NEW.ended_at, NEW.ended_at
    )
    ON CONFLICT (reference) DO NOTHING;
    RETURN NULL;
END;
$$;

CREATE TRIGGER crm_log_outbound_call AFTER INSERT OR UPDATE OF status ON outbound_calls
    FOR EACH ROW WHEN (
        NEW.lead_id IS NOT NULL AND NEW.ended_at IS NOT NULL
        AND (
            NEW.status IN ('completed', 'voicemail', 'busy', 'no_answer')
            OR (
                NEW.status IN ('failed', 'canceled') AND NEW.dialled_at IS NOT NULL
                AND coalesce(NEW.code, '') NOT IN (
                    'lines_busy', 'not_dialled', 'server_stopping', 'carrier_unreachable', 'carrier_unauthorised'
                )
            )
            OR (NEW.status = 'refused' AND NEW.code IN ('do_not_call', 'no_consent'))
        )
    )
    EXECUTE FUNCTION crm_log_outbound_call();
