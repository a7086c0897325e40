"""The demo: a fleet of simulated devices and tasks that work on it."""
