"""PostgreSQL itself: embedded or given, its pool, its schema, its queries by name."""
