"""The DMP sandbox driven by a client that is not ours: fixed text, `http.client`, its own signing."""
