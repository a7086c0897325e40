-- Something done that changes no row of ours: a run started, a sign-in.
INSERT INTO audit_log (actor, via, address, action, kind, object_id, object_name, changes)
VALUES (%(actor)s, %(via)s, %(address)s, %(action)s, %(kind)s, %(object_id)s, %(object_name)s,
        %(changes)s)
