"""The frozen types that results consist of, without PyTorch."""
