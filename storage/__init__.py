"""Facts that outlive a request: records, repositories over asyncpg, migrations, the embedded database."""
