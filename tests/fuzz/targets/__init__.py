"""One reader of input from elsewhere each."""
