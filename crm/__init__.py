"""Close, Apollo, LinkedIn: pure request and response decisions apart from the HTTP adapter."""
