-- insert_campaign --
INSERT INTO campaigns (
    id, name, channel, goal, agent, audience, budget_usd, status, send, per_hour, variants, follow_up_days, created_at,
    updated_at
) VALUES (
    %(id)s, %(name)s, %(channel)s, %(goal)s, %(agent)s, %(audience)s, %(budget_usd)s, 'draft', %(send)s, %(per_hour)s,
    %(variants)s, %(follow_up_days)s, %(now)s, %(now)s
)

-- select_campaign --
SELECT id, name, channel, goal, agent, audience, budget_usd, status, reason, wanted, send, sending, held_code,
    per_hour, variants, follow_up_days, created_at, updated_at
FROM campaigns WHERE id = %(id)s

-- list_campaigns --
-- plan: each time
SELECT id, name, channel, goal, agent, audience, budget_usd, status, reason, wanted, send, sending, held_code,
    per_hour, variants, follow_up_days, created_at, updated_at
FROM campaigns
WHERE true
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- count_messages --
-- approvable: as approve_messages has it.
WITH ended AS (
    SELECT campaign_id, lead_id, min(step) AS step FROM campaign_messages
    WHERE campaign_id = ANY(%(ids)s::uuid[]) AND status IN ('rejected', 'failed')
    GROUP BY campaign_id, lead_id
)
SELECT campaign_id, status, reason, count(*) AS messages, sum(cost_usd) AS cost_usd,
    count(*) FILTER (
        WHERE status = 'drafted' AND reason IS DISTINCT FROM 'in_touch' AND (ended.step IS NULL OR ended.step > message.step)
    ) AS approvable
FROM campaign_messages AS message LEFT JOIN ended USING (campaign_id, lead_id)
WHERE campaign_id = ANY(%(ids)s::uuid[])
GROUP BY campaign_id, status, reason

-- lock_campaign --
SELECT status FROM campaigns WHERE id = %(id)s FOR UPDATE

-- set_status --
-- One that is cancelled sends no more.
UPDATE campaigns
SET status = %(status)s, reason = %(reason)s, wanted = %(wanted)s, updated_at = %(now)s,
    sending = CASE WHEN %(status)s = 'cancelled' AND sending <> 'off' THEN 'stopped' ELSE sending END
WHERE id = %(id)s

-- change_campaign --
UPDATE campaigns
SET name = coalesce(%(name)s, name), budget_usd = coalesce(%(budget_usd)s, budget_usd),
    per_hour = coalesce(%(per_hour)s, per_hour), agent = CASE WHEN %(agent_given)s THEN %(agent)s ELSE agent END,
    updated_at = %(now)s
WHERE id = %(id)s

-- written_of --
SELECT count(*) FILTER (WHERE status NOT IN ('waiting', 'skipped')) FROM campaign_messages WHERE campaign_id = %(id)s

-- settle_campaigns --
-- Those that have what is wanted of them, or have spent what they may, pause or are ready.
WITH counted AS (
    SELECT campaign.id, campaign.wanted, campaign.budget_usd,
        count(*) FILTER (WHERE message.status = 'waiting') AS waiting,
        count(*) FILTER (WHERE message.status NOT IN ('waiting', 'skipped')) AS written,
        coalesce(sum(message.cost_usd), 0) AS spent
    FROM campaigns AS campaign
    LEFT JOIN campaign_messages AS message ON message.campaign_id = campaign.id
    WHERE campaign.status = 'generating'
    GROUP BY campaign.id
)
UPDATE campaigns AS campaign
SET status = CASE WHEN counted.waiting = 0 THEN 'ready' ELSE 'paused' END,
    reason = CASE
        WHEN counted.waiting = 0 THEN NULL WHEN counted.spent >= counted.budget_usd THEN 'budget' ELSE 'preview'
    END,
    updated_at = %(now)s
FROM counted
WHERE campaign.id = counted.id AND campaign.status = 'generating' AND (
    counted.waiting = 0 OR counted.spent >= counted.budget_usd OR counted.written >= counted.wanted
)
