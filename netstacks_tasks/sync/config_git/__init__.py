"""The versions of configurations as a git repository, written from the database."""
