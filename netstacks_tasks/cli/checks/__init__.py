"""What `netstacks doctor` looks at."""
