-- create_schema_migrations --
CREATE TABLE IF NOT EXISTS schema_migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)

-- schema_migrations_exist --
SELECT to_regclass('schema_migrations') IS NOT NULL

-- select_schema_migrations --
SELECT number, name, checksum, applied_at FROM schema_migrations ORDER BY number

-- insert_schema_migration --
INSERT INTO schema_migrations (number, name, checksum) VALUES (%(number)s, %(name)s, %(checksum)s)

-- delete_schema_migrations --
DELETE FROM schema_migrations

-- lock_schema_migrations --
-- Held until the session ends. The number is this product's own and means nothing else.
SELECT pg_advisory_lock(7236512009481)

-- oldest_transaction --
SELECT pid, application_name, extract(epoch FROM now() - xact_start)::float AS open_s
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
ORDER BY xact_start
LIMIT 1
