"""The closed loop: from a problem seen to a problem closed, by one table of transitions."""
