"""Bulk import of the inventory and of tasks: all of a set of files, or nothing."""
