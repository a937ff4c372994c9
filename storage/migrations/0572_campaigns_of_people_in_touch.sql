-- Who is in touch with somebody here is sent no message of another campaign unless a person approved just that.

-- When a person approved this message by itself, knowing of what was before.
ALTER TABLE campaign_messages ADD COLUMN approved_alone_at timestamptz;

-- They answered another campaign within 30 days, or have a meeting to come, and nobody approved a message of this one to
-- them since.
CREATE FUNCTION is_in_touch(message campaign_messages, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH known AS (
        SELECT coalesce(max(approved_alone_at), '-infinity') AS until FROM campaign_messages AS other
        WHERE other.campaign_id = message.campaign_id AND other.lead_id = message.lead_id
    )
    SELECT EXISTS (
        SELECT FROM campaign_results AS result, known
        WHERE result.lead_id = message.lead_id AND result.campaign_id <> message.campaign_id
            AND result.kind IN ('replied', 'booked') AND result.at > greatest(known.until, is_in_touch.at - interval '30 days')
    ) OR EXISTS (
        SELECT FROM bookings AS booking, known
        WHERE booking.lead_id = message.lead_id AND booking.status = 'booked' AND booking.starts_at > is_in_touch.at
            AND booking.created_at > known.until
    )
$$;
