"""Saliency maps by Captum, and how they are scored."""
