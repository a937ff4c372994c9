"""The languages agents talk: their names, and what each has of words of its own."""
