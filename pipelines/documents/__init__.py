"""Documents as topics: their text is read in a process of its own, and put into short sections."""
