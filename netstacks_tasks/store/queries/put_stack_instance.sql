-- Create or replace; its devices are written apart.
INSERT INTO stack_instances (id, name, stack_id, version, variables)
VALUES (%(id)s, %(name)s, %(stack_id)s, %(version)s, %(variables)s)
ON CONFLICT (id) DO UPDATE
SET name = EXCLUDED.name, stack_id = EXCLUDED.stack_id, version = EXCLUDED.version,
    variables = EXCLUDED.variables
