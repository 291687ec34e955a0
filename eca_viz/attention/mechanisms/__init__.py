"""One kind of channel attention a file: its layer, how it is recognised and read."""
