"""What a carrier says to callers for whom there is no agent, whichever carrier it is."""

BUSY = "I am sorry, all our lines are busy. Please call again in a few minutes."
NOT_NOW = "I am sorry, this is an automated call that cannot go on just now. Goodbye."
NOBODY_FREE = "I am sorry, nobody is free right now. A colleague will call you back."
BROKEN = "I am sorry, something went wrong on our side. Please call again."
