-- Lists whose filters few rows pass: each has an index in the order of its list now, as a million leads showed. What had
-- none was found by reading through everything else.
CREATE INDEX leads_scored_by_time ON leads (created_at, qualification_score, id) WHERE qualification_score IS NOT NULL;

CREATE INDEX crm_dead_letters_by_state ON crm_dead_letters (state, created_at DESC, key DESC);
CREATE INDEX crm_dead_letters_by_platform ON crm_dead_letters (platform, created_at DESC, key DESC);
CREATE INDEX crm_dead_letters_by_platform_state ON crm_dead_letters (platform, state, created_at DESC, key DESC);

CREATE INDEX crm_conflicts_by_platform ON crm_conflicts (platform, created_at DESC, id DESC);
CREATE INDEX crm_conflicts_by_platform_state ON crm_conflicts (platform, state, created_at DESC, id DESC);

CREATE INDEX crm_sync_runs_by_status ON crm_sync_runs (status, created_at DESC, id DESC);
CREATE INDEX crm_sync_runs_by_platform_status ON crm_sync_runs (platform, status, created_at DESC, id DESC);

CREATE INDEX crm_opportunities_by_kind ON crm_opportunities (status_kind, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;
CREATE INDEX crm_opportunities_by_platform ON crm_opportunities (platform, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;
CREATE INDEX crm_opportunities_by_platform_kind ON crm_opportunities (platform, status_kind, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;

-- How a sync stands: its latest run but for those of single changes, of which there are many, and its latest success.
CREATE INDEX crm_sync_runs_latest ON crm_sync_runs (platform, created_at DESC, id DESC) WHERE trigger <> 'change';
CREATE INDEX crm_sync_runs_success ON crm_sync_runs (platform, completed_at DESC) WHERE status = 'completed';
