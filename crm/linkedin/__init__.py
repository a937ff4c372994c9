"""LinkedIn: signing in, the member's own profile, posting; other profiles only behind a switch."""
