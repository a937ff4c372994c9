"""The checks behind ``sales-agent doctor``."""
