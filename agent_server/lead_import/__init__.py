"""Leads from a table of any program: bytes in, leads and a report out, in bounded memory."""
