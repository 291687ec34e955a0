"""The parts of the drawing of the block."""
