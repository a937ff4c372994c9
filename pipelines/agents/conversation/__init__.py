"""One turn of a conversation over REST: transcribe, intent, respond, speak, with the brain of the live conversation."""
