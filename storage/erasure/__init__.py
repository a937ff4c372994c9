"""A person's data: where it lies, how it is shown, erased, and what of it stays."""
