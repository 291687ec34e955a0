"""Network architectures with a place for attention."""
