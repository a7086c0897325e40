"""The tools of the agent; each only reads."""
