"""What a conversation is made of: its core, the speech and model ports, intent, the playbook."""
