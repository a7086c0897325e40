-- The audit log's entry of one application of the policy.
INSERT INTO audit_log (actor, via, address, action, kind, changes)
VALUES (%(actor)s, %(via)s, %(address)s, 'applied', 'retention', %(removed)s)
RETURNING id
