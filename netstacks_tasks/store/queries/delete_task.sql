-- Its history stays; the trigger remembers that its deployment has to go.
DELETE FROM tasks WHERE id = %(id)s
