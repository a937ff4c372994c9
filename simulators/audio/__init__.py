"""Sound on the simulators' side: decoding, finding speech, transcripts and a synthetic voice."""
