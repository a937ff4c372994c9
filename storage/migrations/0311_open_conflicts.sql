-- What waits for a decision, counted and listed by what it is about; few of all conflicts are open.
CREATE INDEX crm_conflicts_open ON crm_conflicts (platform, kind, field, created_at DESC, id DESC) WHERE state = 'open';
