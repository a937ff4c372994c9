"""Sound as numbers: G.711, sample rates, loudness. Pure; PCM is signed 16-bit little-endian mono everywhere."""
