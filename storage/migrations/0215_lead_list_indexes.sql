-- Two filters of a list at once, and the best of an industry or tier first: a mix that few leads have is read from its own
-- index and not looked for among those that have one half of it.
CREATE INDEX leads_by_industry_status ON leads (lower(industry), status, created_at DESC, id DESC)
    WHERE industry IS NOT NULL;
CREATE INDEX leads_by_tier_status ON leads (qualification_tier, status, created_at DESC, id DESC)
    WHERE qualification_tier IS NOT NULL;
CREATE INDEX leads_by_tier_industry ON leads (qualification_tier, lower(industry), created_at DESC, id DESC)
    WHERE qualification_tier IS NOT NULL;
CREATE INDEX leads_by_industry_score ON leads (lower(industry), qualification_score DESC, id DESC)
    WHERE qualification_score IS NOT NULL;
CREATE INDEX leads_by_tier_score ON leads (qualification_tier, qualification_score DESC, id DESC)
    WHERE qualification_score IS NOT NULL;
