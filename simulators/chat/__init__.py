"""Language models: the OpenAI-compatible family and Anthropic Messages."""
