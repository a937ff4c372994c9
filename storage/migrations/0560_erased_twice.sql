-- Of two erasures of one person the one that wants the record over there deleted has its way, whichever is done first.
CREATE OR REPLACE FUNCTION crm_contact_stays_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.erased := CASE WHEN NEW.erased = 'delete' THEN 'delete' ELSE OLD.erased END;
    NEW.lead_id := NULL;
    NEW.email := NULL;
    NEW.first_name := NULL;
    NEW.last_name := NULL;
    NEW.company := NULL;
    NEW.title := NULL;
    NEW.phone := NULL;
    NEW.linkedin_url := NULL;
    NEW.enrichment_data := '{}';
    NEW.field_times := '{}';
    NEW.base := '{}';
    NEW.writing := '{}';
    NEW.refused := '{}';
    NEW.enriched_at := '{}';
    NEW.deleted_at := OLD.deleted_at;
    NEW.deleted_by := OLD.deleted_by;
    RETURN NEW;
END;
$$;
