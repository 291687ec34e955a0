"""The block of one channel as a drawing, from its feature map to its map times the gate."""

from eca_viz.figures.block.picture import BlockPicture, block_picture

__all__ = ["BlockPicture", "block_picture"]
