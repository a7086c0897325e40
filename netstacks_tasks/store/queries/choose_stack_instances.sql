-- Stack instances by name: of which stack and version, for how many devices, and how applied.
SELECT instances.id, instances.name,
       concat('stack ', stacks.name, ' v', instances.version, ', ',
              (SELECT count(*) FROM stack_instance_devices
               WHERE stack_instance_id = instances.id),
              ' devices, ', instances.mode) AS note
FROM stack_instances AS instances
JOIN stacks ON stacks.id = instances.stack_id
ORDER BY instances.name
