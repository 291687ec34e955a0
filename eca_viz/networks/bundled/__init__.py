"""The networks whose weights are shipped."""
