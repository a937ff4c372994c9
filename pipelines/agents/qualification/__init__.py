"""Lead in, score out: need, budget, authority, timing and fit, each with its evidence."""
