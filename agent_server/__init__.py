"""The server: settings, doors, the realtime protocol, the command line."""
