"""Writes to a lead: angles, then drafts and subjects side by side, then the best of them."""
