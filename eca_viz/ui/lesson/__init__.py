"""The lesson: its steps as data, and the figures that they show."""
