"""What a company says in public: its own accounts, found on its website, and what they posted lately."""
