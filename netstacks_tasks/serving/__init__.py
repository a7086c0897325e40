"""The API and the page as one application, and the server that runs it."""
