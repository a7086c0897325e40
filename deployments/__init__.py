"""What Prefect is told of our flows: the catalogue of task types."""
