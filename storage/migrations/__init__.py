"""Forward migrations; how they are named, numbered and applied is described in ``storage.postgres.migrate``."""
