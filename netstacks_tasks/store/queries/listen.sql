-- The channel the triggers of the table tasks notify.
LISTEN netstacks_tasks
