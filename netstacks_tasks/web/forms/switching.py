"""Another type is chosen: what was typed stays wherever it fits."""

from __future__ import annotations

from netstacks_tasks.models.task_spec import TaskType
from netstacks_tasks.web.forms.fields import fields_of
from netstacks_tasks.web.forms.values import FormValues, first_values


def switched(sent: FormValues, before: TaskType, after: TaskType) -> FormValues:
    """The form of the other type; what was left at the first type's defaults gets its own."""
    old, new = first_values(before), first_values(after)
    shown = {field.path for field in fields_of(before)}
    texts = {}
    for field in fields_of(after):
        name = field.path
        typed = sent.all(name) != old.all(name) if name in shown else name in sent
        texts[name] = sent.all(name) if typed else new.all(name)
    script_source = sent.all("script_source") or new.all("script_source")
    return sent.replaced({**texts, "task_type": (after,), "script_source": script_source})
