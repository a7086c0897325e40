-- Create or replace.
INSERT INTO credentials (id, name, block_name) VALUES (%(id)s, %(name)s, %(block_name)s)
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, block_name = EXCLUDED.block_name
