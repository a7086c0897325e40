"""What the API and the page have in common: how requests and answers look."""
