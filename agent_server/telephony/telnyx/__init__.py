"""Telnyx: calls answered by call control, their audio by media streaming."""
