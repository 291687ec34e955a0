"""Files that are read and written whole, and records as arrays and text."""
