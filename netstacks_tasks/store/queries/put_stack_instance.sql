-- Create or replace; its groups and devices are written apart.
INSERT INTO stack_instances (id, name, stack_id, version, variables, mode, canaries, batch_size,
                             max_failures, post_checks, save)
VALUES (%(id)s, %(name)s, %(stack_id)s, %(version)s, %(variables)s, %(mode)s, %(canaries)s,
        %(batch_size)s, %(max_failures)s, %(post_checks)s, %(save)s)
ON CONFLICT (id) DO UPDATE
SET name = EXCLUDED.name, stack_id = EXCLUDED.stack_id, version = EXCLUDED.version,
    variables = EXCLUDED.variables, mode = EXCLUDED.mode, canaries = EXCLUDED.canaries,
    batch_size = EXCLUDED.batch_size, max_failures = EXCLUDED.max_failures,
    post_checks = EXCLUDED.post_checks, save = EXCLUDED.save
