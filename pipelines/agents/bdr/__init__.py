"""Books a meeting with a lead, once a person has said yes."""
