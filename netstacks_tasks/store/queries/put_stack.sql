-- Create or replace; its templates are written apart, as a version.
INSERT INTO stacks (id, name, description) VALUES (%(id)s, %(name)s, %(description)s)
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, description = EXCLUDED.description
