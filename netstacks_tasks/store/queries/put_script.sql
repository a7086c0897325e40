-- Create or replace.
INSERT INTO scripts (id, name, interpreter, body)
VALUES (%(id)s, %(name)s, %(interpreter)s, %(body)s)
ON CONFLICT (id) DO UPDATE
SET name = EXCLUDED.name, interpreter = EXCLUDED.interpreter, body = EXCLUDED.body,
    updated_at = now()
