-- Another role, another password, or both.
UPDATE users SET role = COALESCE(%(role)s, role),
                 password_hash = COALESCE(%(password_hash)s, password_hash)
WHERE id = %(id)s
RETURNING id, name, role, created_at
