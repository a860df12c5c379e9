"""Town professionals: visits, reading of a document, requests, what they received."""
