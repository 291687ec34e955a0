"""Many images at once: statistics of gates, and what attention is worth over a folder."""
