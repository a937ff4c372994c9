"""Twilio, as it calls: signed webhooks, TwiML, media streams over the true wire protocol."""
