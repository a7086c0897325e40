"""Breaks a real stack while its tasks fire, and counts what was lost, doubled or left behind."""
