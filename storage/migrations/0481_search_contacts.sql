-- Contacts by words of their name, company and address, as leads are found, and by digits of their telephone number.

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

ALTER TABLE crm_contacts ADD COLUMN search tsvector NOT NULL
    GENERATED ALWAYS AS (contact_words(first_name, last_name, company, email, phone)) STORED;

CREATE INDEX crm_contacts_by_search ON crm_contacts USING gin (search) WHERE deleted_at IS NULL;
CREATE INDEX crm_contacts_by_email_start ON crm_contacts (email COLLATE "C")
    WHERE email IS NOT NULL AND deleted_at IS NULL;
