"""Runs a person's script with no more than it was given."""
