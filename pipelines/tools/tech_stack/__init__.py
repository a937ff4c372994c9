"""What a company's own site runs on: fetched with care, read by rules that are data."""
