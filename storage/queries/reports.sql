-- All from the sums that migration 0008_usage_sums keeps, but for one lead's own range of time.

-- costs_by_day --
SELECT day::text AS day, sum(calls)::bigint AS calls, sum(failed)::bigint AS failed, sum(unpriced)::bigint AS unpriced,
    sum(cost_usd)::double precision AS cost_usd
FROM usage_daily
WHERE day >= %(first)s AND day <= %(last)s
GROUP BY usage_daily.day
ORDER BY usage_daily.day

-- costs_by_provider --
SELECT kind, provider, model,
    sum(calls)::bigint AS calls, sum(failed)::bigint AS failed, sum(unpriced)::bigint AS unpriced,
    sum(prompt_tokens)::bigint AS prompt_tokens, sum(cached_tokens)::bigint AS cached_tokens,
    sum(completion_tokens)::bigint AS completion_tokens, sum(audio_seconds) AS audio_seconds,
    sum(characters_spoken)::bigint AS characters_spoken, sum(characters_discarded)::bigint AS characters_discarded,
    sum(cost_usd)::double precision AS cost_usd
FROM usage_daily
WHERE day >= %(first)s AND day <= %(last)s
GROUP BY kind, provider, model
ORDER BY sum(cost_usd) DESC, kind, provider, model

-- costs_by_agent --
-- Agents by their runs.
SELECT agent_type, sum(runs)::bigint AS runs, sum(failed)::bigint AS failed,
    sum(latency_ms) / nullif(sum(runs), 0) AS mean_latency_ms,
    sum(cost_usd)::double precision AS cost_usd
FROM agent_daily
WHERE day >= %(first)s AND day <= %(last)s
GROUP BY agent_type
ORDER BY sum(cost_usd) DESC, agent_type

-- costs_of_conversations --
SELECT kind, coalesce(sum(calls), 0)::bigint AS calls, coalesce(sum(failed), 0)::bigint AS failed,
    coalesce(sum(unpriced), 0)::bigint AS unpriced, coalesce(sum(cost_usd), 0)::double precision AS cost_usd
FROM usage_daily
WHERE day >= %(first)s AND day <= %(last)s AND within = 'conversation'
GROUP BY kind
ORDER BY kind

-- costs_by_lead --
-- plan: each time
SELECT cost.lead_id, lead.company_name, lead.contact_name, cost.calls, cost.unpriced, cost.cost_usd
FROM lead_costs AS cost
LEFT JOIN leads AS lead ON lead.id = cost.lead_id
WHERE true
    AND (cost.cost_usd, cost.lead_id) < (%(before)s, %(before_id)s) -- if before
ORDER BY cost.cost_usd DESC, cost.lead_id DESC
LIMIT %(rows)s

-- costs_of_lead --
SELECT day::text AS day, count(*) AS calls, count(*) FILTER (WHERE status = 'failed') AS failed,
    count(*) FILTER (WHERE cost_usd IS NULL) AS unpriced,
    coalesce(sum(cost_usd::numeric), 0)::double precision AS cost_usd
FROM (
    SELECT (created_at AT TIME ZONE 'UTC')::date AS day, status, cost_usd FROM model_calls
    WHERE lead_id = %(lead_id)s AND created_at >= %(since)s AND created_at < %(until)s
    UNION ALL
    SELECT (created_at AT TIME ZONE 'UTC')::date AS day, 'success', cost_usd FROM speech_usage
    WHERE lead_id = %(lead_id)s AND created_at >= %(since)s AND created_at < %(until)s
) AS used
GROUP BY used.day
ORDER BY used.day

-- executions_list --
-- plan: each time
SELECT id, agent_type, thread_id, lead_id, conversation_id, status, engine, started_at, completed_at, latency_ms,
    cost_usd, error_code, error_message
FROM agent_executions AS run
WHERE true
    AND agent_type = %(agent_type)s -- if agent_type
    AND status = %(status)s -- if status
    AND lead_id = %(lead_id)s -- if lead_id
    AND conversation_id = %(conversation_id)s -- if conversation_id
    AND thread_id = %(thread_id)s -- if thread_id
    AND thread_id IS NOT NULL AND NOT EXISTS ( -- if one_a_thread
        SELECT FROM agent_executions AS later -- if one_a_thread
        WHERE later.agent_type = run.agent_type AND later.thread_id = run.thread_id -- if one_a_thread
            AND (later.started_at, later.id) > (run.started_at, run.id) -- if one_a_thread
    ) -- if one_a_thread
    AND (started_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY started_at DESC, id DESC
LIMIT %(rows)s
