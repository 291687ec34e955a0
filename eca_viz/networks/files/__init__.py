"""Weight files: reading, writing, and what network one is of."""
