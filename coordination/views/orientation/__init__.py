"""The coordinator of a CPTS: the board, one mother to place, the capacity of the territory."""
