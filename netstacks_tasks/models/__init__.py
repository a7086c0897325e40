"""Tasks, schedules, devices and results as values; no I/O."""
