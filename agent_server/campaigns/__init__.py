"""Campaigns: their messages are written, go out at their pace within the law, and are followed."""
