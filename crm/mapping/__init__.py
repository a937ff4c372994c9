"""Names and links in one spelling; vendors' records and ours in both directions."""
