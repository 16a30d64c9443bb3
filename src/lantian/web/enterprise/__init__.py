"""The enterprise's own page: its orders, its documents, its sources, and nothing of others'."""
