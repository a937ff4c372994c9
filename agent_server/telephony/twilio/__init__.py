"""Twilio: voice webhooks and media streams."""
