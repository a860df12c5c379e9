"""The floor of the pages: a plain Django site on the same rows, seven usual middlewares, no right checked."""
