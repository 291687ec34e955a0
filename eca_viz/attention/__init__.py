"""Mechanisms of channel attention, and how their layers are found in a network."""
