"""The CRMs in one process, and the background worker that keeps them in step."""
