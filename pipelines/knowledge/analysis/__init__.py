"""How a text of each language comes down to the terms it is compared by."""
