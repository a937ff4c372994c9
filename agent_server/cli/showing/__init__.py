"""A sales team's busy day, offline: what ``sales-agent demo`` fills a server of its own with, and who calls it."""
