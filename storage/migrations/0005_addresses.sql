-- What people are found and suppressed by: words and hashes of their addresses and numbers.

-- Of a number every end of four digits and more, so that whatever digits of it follow each other begin one of them.
CREATE FUNCTION contact_words(first_name text, last_name text, company text, email text, phone text)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple'::regconfig, translate(
        coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(company, '') || ' '
        || coalesce(email, ''),
        '@.,-_+&/\:;()[]{}<>|"''*!?#', '                          '
    )) || array_to_tsvector(ARRAY(
        SELECT substr(digits, place)
        FROM left(regexp_replace(coalesce(phone, ''), '[^0-9]', '', 'g'), 20) AS digits,
            generate_series(1, length(digits) - 3) AS place
    ))
$$;

-- Of the addresses and numbers beside the first.
CREATE FUNCTION further_words(emails text[], phones text[]) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT contact_words(NULL, NULL, NULL, array_to_string(emails, ' '), NULL) || array_to_tsvector(ARRAY(
        SELECT DISTINCT substr(digits, place)
        FROM unnest(phones) AS phone, left(regexp_replace(phone, '[^0-9]', '', 'g'), 20) AS digits,
            generate_series(1, length(digits) - 3) AS place
    ))
$$;

-- SHA-256 of an address's one spelling: it outlasts the person's data.
CREATE FUNCTION address_hash(address text) RETURNS bytea LANGUAGE sql IMMUTABLE
    RETURN sha256(convert_to(lower(address), 'UTF8'));

CREATE FUNCTION address_hashes(addresses text[]) RETURNS bytea[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY(SELECT address_hash(address) FROM unnest(addresses) AS address);

-- Addresses that get no message any more.
CREATE TABLE mail_suppressions (
    address_hash bytea PRIMARY KEY,
    reason text NOT NULL CHECK (reason IN ('unsubscribed', 'bounced')),
    created_at timestamptz NOT NULL
);
