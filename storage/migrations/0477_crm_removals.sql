-- What was entered with the record of somebody who was erased is deleted over there too.
ALTER TABLE crm_outbox DROP CONSTRAINT crm_outbox_kind_check,
    ADD CONSTRAINT crm_outbox_kind_check
    CHECK (kind IN ('contact', 'call', 'note', 'opportunity', 'email', 'unsubscription', 'removal'));
