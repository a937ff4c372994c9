"""One door to all language models: routing, failover, hedging, breakers and the cost ledger."""
