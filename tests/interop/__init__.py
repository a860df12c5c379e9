"""The unchanged gateway against mail servers that are not ours: `make interop-mail`."""
