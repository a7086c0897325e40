"""Everything on one machine: PostgreSQL, the Prefect server and a worker, started by us."""
