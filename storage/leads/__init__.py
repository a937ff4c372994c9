"""Leads: found, made, changed, and whose they are."""
