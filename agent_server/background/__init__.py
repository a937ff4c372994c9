"""Work beside the calls, for as long as the process lives."""
