-- Whose records are known here: what the account with the CRM is called there. With a key of another one every record
-- would look as if it had been deleted.
CREATE TABLE crm_accounts (
    platform text PRIMARY KEY,
    ids text[] NOT NULL,
    name text NOT NULL,
    noted_at timestamptz NOT NULL
);
