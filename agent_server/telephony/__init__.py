"""The telephone: carriers that stream a call's audio over a WebSocket."""
