-- notify --
SELECT pg_notify(%(channel)s, %(payload)s)

-- listeners --
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %(name)s
