"""The form of a task: what is typed becomes the document that the API takes, and back."""
