"""Call lists: the agent calls many people, one after the other, within the law and with lines to spare."""
