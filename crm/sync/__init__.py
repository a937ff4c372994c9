"""The sync with CRMs: what it decides (pure) and how it is carried out."""
