-- How the platform's webhook subscription stood when it was last looked after: ``active``, or the code of what keeps it
-- from being so. Its signature key is in crm_credentials, encrypted, as the account ``webhook``.
ALTER TABLE crm_sync_state ADD COLUMN webhook text, ADD COLUMN webhook_checked_at timestamptz;
