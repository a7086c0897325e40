"""The flows that Prefect runs, one file per task type: load, operate, record."""
