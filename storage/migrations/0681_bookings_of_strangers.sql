-- Whom in a conversation nothing tells but their own words: a page's visitor, or who calls from a withheld number.
CREATE FUNCTION is_strangers(talk conversations) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        talk.metadata ? 'visitor'
        OR talk.channel = 'phone' AND talk.metadata ->> 'direction' IS DISTINCT FROM 'outbound'
            AND coalesce(talk.metadata ->> 'calls_from', '') !~ '^\+?[0-9]{7,15}$',
        false
    )
$$;
