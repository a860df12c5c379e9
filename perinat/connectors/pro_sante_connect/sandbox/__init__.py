"""« Pro Santé Connect de bac à sable »: a strict OpenID provider for development and tests. Fictitious people only."""
