"""How problems come in, from every channel."""
