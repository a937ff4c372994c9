"""The realtime protocol over WebRTC: ``POST /v1/realtime/calls``."""
