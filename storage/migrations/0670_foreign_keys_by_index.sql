-- Whoever deletes a key or a contact looks for what belongs to it.
CREATE INDEX client_secrets_by_api_key ON client_secrets (api_key_id) WHERE api_key_id IS NOT NULL;
CREATE INDEX crm_phone_requests_by_contact ON crm_phone_requests (contact_id);
