"""Kinds of channel attention, and where they stand in a network."""
