"""The calendar of this process."""
