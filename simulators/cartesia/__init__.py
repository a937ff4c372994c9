"""Cartesia: Sonic text-to-speech and Ink speech-to-text."""
