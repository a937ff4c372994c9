"""One ``.sql`` file of named queries per aggregate; the format is described in ``storage.postgres.named_query``."""
