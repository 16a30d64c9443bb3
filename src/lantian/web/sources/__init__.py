"""The source register: what may foul the air, where it is, and what is known of it."""
