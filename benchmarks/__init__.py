"""What this project costs beside its peers, measured in the same run."""
