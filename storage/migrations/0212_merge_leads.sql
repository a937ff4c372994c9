-- Two leads that turn out to be one person: everything of one becomes the other's, and it is gone. Its facts are the
-- caller's to carry over.
CREATE FUNCTION merge_leads(gone uuid, kept uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE conversations SET lead_id = kept WHERE lead_id = gone;
    UPDATE conversation_outcomes SET lead_id = kept WHERE lead_id = gone;
    UPDATE agent_executions SET lead_id = kept WHERE lead_id = gone;
    UPDATE qualification_results SET lead_id = kept WHERE lead_id = gone;
    UPDATE enrichment_results SET lead_id = kept WHERE lead_id = gone;
    UPDATE workflow_state SET lead_id = kept WHERE lead_id = gone;
    UPDATE tool_calls SET lead_id = kept WHERE lead_id = gone;
    UPDATE model_calls SET lead_id = kept WHERE lead_id = gone;
    UPDATE speech_usage SET lead_id = kept WHERE lead_id = gone;
    UPDATE crm_contacts SET lead_id = kept WHERE lead_id = gone;
    DELETE FROM lead_costs WHERE lead_id = gone;
    DELETE FROM leads WHERE id = gone;
$$;

CREATE INDEX conversation_outcomes_by_lead ON conversation_outcomes (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX tool_calls_by_lead ON tool_calls (lead_id) WHERE lead_id IS NOT NULL;
