"""How the service does, for those who watch it from outside: numbers and health."""
