-- Create or replace.
INSERT INTO device_groups (id, name, description) VALUES (%(id)s, %(name)s, %(description)s)
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, description = EXCLUDED.description
