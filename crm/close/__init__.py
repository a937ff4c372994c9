"""Close: one file for each resource, its dialect, its provider."""
