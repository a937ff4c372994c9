"""The OpenAI Realtime (GA) protocol: wire events, session settings, the WebSocket door."""
