"""The page "Automation > Scheduled Tasks": rendered here, made lively by htmx."""
