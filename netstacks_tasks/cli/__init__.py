"""The command `netstacks`; what is heavy is imported by the command that needs it."""
