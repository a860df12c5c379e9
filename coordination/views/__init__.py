"""Pages. Thin: parse, call a service or a selector, answer. One module per audience."""
