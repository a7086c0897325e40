"""Makes Prefect's deployments equal to the task table, and brings results back."""
