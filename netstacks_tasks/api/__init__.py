"""The REST API: thin routes over the store and Prefect."""
