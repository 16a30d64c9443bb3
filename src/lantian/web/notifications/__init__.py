"""In-app notices: what somebody should know, told once, with the way to it."""
