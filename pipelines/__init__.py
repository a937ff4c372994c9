"""What a conversation is made of: its core, the speech and model ports, intent, the playbook."""

import os

# Read once, when numpy is loaded. The products here are of a few callers' windows: shared among threads they take
# longer, as the threads wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
