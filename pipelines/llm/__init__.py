"""Language models: one streaming port, one file per provider."""
