"""Thin wrappers over Captum, by family."""
