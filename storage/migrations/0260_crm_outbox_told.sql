-- Whoever puts something into the outbox, a worker hears of it when that is committed, and need not look every minute.
CREATE FUNCTION crm_outbox_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('crm_outbox', NEW.platform);
    RETURN NULL;
END;
$$;

CREATE TRIGGER crm_outbox_told AFTER INSERT ON crm_outbox FOR EACH ROW EXECUTE FUNCTION crm_outbox_told();
