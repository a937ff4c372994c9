-- Two leads that turn out to be one person: everything of one becomes the other's, and it is gone. Its facts are the
-- caller's to carry over.
--
-- Of two calls under way the one of the lead that goes is nobody's: it is at most one at a time. Of two messages of a
-- campaign to one person the one that is on its way stays; of two entries of a call list the one that is further, with
-- the calls of both. Of what the companies of both said in public, the lead that stays keeps its own, if it has any.
CREATE FUNCTION merge_leads(gone uuid, kept uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE conversations SET lead_id = kept WHERE lead_id = gone;
    UPDATE conversation_outcomes SET lead_id = kept WHERE lead_id = gone;
    UPDATE bookings SET lead_id = kept WHERE lead_id = gone;
    UPDATE agent_executions SET lead_id = kept WHERE lead_id = gone;
    UPDATE agent_runs SET lead_id = kept WHERE lead_id = gone;
    UPDATE qualification_results SET lead_id = kept WHERE lead_id = gone;
    UPDATE enrichment_results SET lead_id = kept WHERE lead_id = gone;
    UPDATE workflow_state SET lead_id = kept WHERE lead_id = gone;
    UPDATE tool_calls SET lead_id = kept WHERE lead_id = gone;
    UPDATE model_calls SET lead_id = kept WHERE lead_id = gone;
    UPDATE speech_usage SET lead_id = kept WHERE lead_id = gone;
    UPDATE client_secrets SET lead_id = kept WHERE lead_id = gone;
    UPDATE crm_contacts SET lead_id = kept WHERE lead_id = gone;
    UPDATE do_not_call SET lead_id = kept WHERE lead_id = gone;
    UPDATE call_consents SET lead_id = kept WHERE lead_id = gone;
    UPDATE outbound_calls SET lead_id = kept
    WHERE lead_id = gone AND (
        status NOT IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown')
        OR NOT EXISTS (
            SELECT 1 FROM outbound_calls AS other
            WHERE other.lead_id = kept
                AND other.status IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown')
        )
    );
    DELETE FROM campaign_messages AS message
    WHERE message.lead_id = kept AND EXISTS (
        SELECT FROM campaign_messages AS other
        WHERE other.campaign_id = message.campaign_id AND other.lead_id = gone
            AND other.status IN ('queued', 'entered', 'sent')
    ) AND NOT EXISTS (
        SELECT FROM campaign_messages AS other
        WHERE other.campaign_id = message.campaign_id AND other.lead_id = kept
            AND other.status IN ('queued', 'entered', 'sent')
    );
    UPDATE campaign_messages AS message SET lead_id = kept
    WHERE lead_id = gone AND NOT EXISTS (
        SELECT FROM campaign_messages AS other WHERE other.campaign_id = message.campaign_id AND other.lead_id = kept
    );
    INSERT INTO campaign_results (campaign_id, lead_id, kind, at)
    SELECT campaign_id, kept, kind, at FROM campaign_results WHERE lead_id = gone
    ON CONFLICT DO NOTHING;
    WITH both_listed AS (
        SELECT mine.id AS mine, theirs.id AS theirs,
            theirs.status = 'calling'
            OR mine.status <> 'calling' AND (theirs.status = 'done' AND mine.status <> 'done' OR theirs.tries > mine.tries)
            AS goes
        FROM call_list_entries AS mine JOIN call_list_entries AS theirs ON theirs.list_id = mine.list_id
        WHERE mine.lead_id = kept AND theirs.lead_id = gone
    ), moved AS (
        UPDATE outbound_calls SET list_entry_id = CASE WHEN goes THEN theirs ELSE mine END
        FROM both_listed WHERE list_entry_id = CASE WHEN goes THEN mine ELSE theirs END
    )
    UPDATE call_list_entries SET lead_id = NULL, status = 'left_out', result = NULL, reason = 'merged'
    FROM both_listed WHERE id = CASE WHEN goes THEN mine ELSE theirs END;
    UPDATE call_list_entries SET lead_id = kept WHERE lead_id = gone;
    UPDATE social_posts SET lead_id = kept
    WHERE lead_id = gone AND NOT EXISTS (SELECT FROM social_accounts AS other WHERE other.lead_id = kept);
    UPDATE social_accounts SET lead_id = kept
    WHERE lead_id = gone AND NOT EXISTS (SELECT FROM social_accounts AS other WHERE other.lead_id = kept);
    UPDATE webhook_deliveries SET lead_id = kept WHERE lead_id = gone;
    INSERT INTO claimed_numbers (lead_id, phone) SELECT kept, phone FROM claimed_numbers WHERE lead_id = gone
    ON CONFLICT DO NOTHING;
    DELETE FROM lead_costs WHERE lead_id = gone;
    DELETE FROM leads WHERE id = gone;
$$;
