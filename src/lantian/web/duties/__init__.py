"""Who answers for what: organisations, the responsibility matrix and its resolution."""
