"""Telnyx, as it calls: signed webhooks, call control commands, media streaming over the true wire protocol."""
