-- What the status of a campaign's message means to queries that do not ask for just one.
--
-- waiting: to be written · drafted: a person is to look at it · rejected: they do not want it · approved: it goes out when
-- its turn comes · queued: in the outbox · entered: a draft over there · sent · failed: it was not written, or not taken
-- over there · skipped: never

-- Nobody was sent it, and it is not on its way.
CREATE FUNCTION is_ahead(message campaign_messages) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT message.status IN ('waiting', 'drafted', 'rejected', 'approved', 'failed')
$$;

CREATE FUNCTION is_out(message campaign_messages) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT message.status IN ('queued', 'entered', 'sent')
$$;
