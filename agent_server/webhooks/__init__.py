"""Outgoing webhooks: other programs are told of what happens, as the Standard Webhooks specification has it."""
