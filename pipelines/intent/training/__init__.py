"""The phrasings the intent classifier learns from, and the program that turns them into its weights."""
