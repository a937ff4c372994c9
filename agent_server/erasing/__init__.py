"""Erases and shows a person's data, wherever this product keeps it."""
