"""Finds out who a lead is: person and company facts, each with its source."""
