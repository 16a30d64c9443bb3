"""What a person can do with a case, and the forms with which they do it."""
