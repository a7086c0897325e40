"""What a run does to devices, one module per type; knows nothing of Prefect."""
