"""What ``CloseProvider`` is made of, by what it is about."""
