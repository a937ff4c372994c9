"""The weeks before the demo's day: who called, wrote and was called, made up; what the agent said is the playbook's."""
