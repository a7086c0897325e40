"""Finds out who is asking: passwords, sessions of the page, tokens of the API."""
