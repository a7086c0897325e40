"""The tables in PostgreSQL: tasks, inventory, runs, configuration versions."""
