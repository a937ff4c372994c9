-- Who unsubscribes is told to the CRM, and heard of from there: entries named by the hash of the address.
ALTER TABLE crm_outbox DROP CONSTRAINT crm_outbox_kind_check,
    ADD CONSTRAINT crm_outbox_kind_check
    CHECK (kind IN ('contact', 'call', 'note', 'opportunity', 'email', 'unsubscription'));
ALTER TABLE crm_inbox DROP CONSTRAINT crm_inbox_kind_check,
    ADD CONSTRAINT crm_inbox_kind_check CHECK (kind IN ('parent', 'contact', 'mail', 'unsubscription'));

CREATE INDEX crm_contacts_by_address_hash ON crm_contacts (address_hash(email)) WHERE email IS NOT NULL;
