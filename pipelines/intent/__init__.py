"""What a caller means by a text: a local classifier, and two questions about unfinished speech, all in microseconds."""
