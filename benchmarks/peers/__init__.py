"""What the others do: programs that do the same work."""
