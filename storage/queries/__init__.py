"""One ``.sql`` file of named queries per aggregate; the format is described in ``storage.named_query``."""
