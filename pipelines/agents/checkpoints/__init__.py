"""Where the state of graphs is kept between their steps: PostgreSQL, or plain Redis. Both hold plain data alone."""
