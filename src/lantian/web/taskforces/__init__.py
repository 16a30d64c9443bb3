"""Task forces 专班: a team with a scope, its board and its figures."""
