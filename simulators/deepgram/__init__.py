"""Deepgram speech-to-text: Flux on /v2/listen, Nova on /v1/listen."""
