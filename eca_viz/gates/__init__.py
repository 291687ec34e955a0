"""Reading and changing the gates of a network while it runs."""
