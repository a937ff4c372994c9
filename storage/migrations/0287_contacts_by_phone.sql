-- Whoever calls is looked up by number before the first word.
CREATE INDEX crm_contacts_by_phone ON crm_contacts (phone) WHERE phone IS NOT NULL AND deleted_at IS NULL;
