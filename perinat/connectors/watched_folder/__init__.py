"""A folder where a hospital drops its documents: the second way in without a screen."""
