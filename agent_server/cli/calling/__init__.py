"""The client of ``sales-agent call``: what it decides, and the sockets, files and devices around it."""
