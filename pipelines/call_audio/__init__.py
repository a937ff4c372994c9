"""Recordings of calls: what both sides heard, kept while they talk, laid out and encoded afterwards."""
