"""What the agent may say about the product: a Markdown file in a searchable index in memory."""
