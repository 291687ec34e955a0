"""Networks: their architectures, where their weights are from, and how they are loaded."""
