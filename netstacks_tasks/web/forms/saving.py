"""From a form to a saved task."""

from __future__ import annotations

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.task_spec import TaskSpec, TaskType, parse_task
from netstacks_tasks.store.database import Database
from netstacks_tasks.web.forms.documents import document_of
from netstacks_tasks.web.forms.names import with_ids
from netstacks_tasks.web.forms.values import FormValues


async def spec_of(db: Database, values: FormValues, task_type: TaskType) -> TaskSpec:
    """The task that was typed.

    Raises:
        InvalidInput: with everything that is wrong, as far as no saving is needed to know.
    """
    document, problems = await with_ids(db, document_of(values, task_type))
    try:
        spec = parse_task(document)
    except InvalidInput as error:
        raise InvalidInput([*problems, *error.problems]) from error
    if problems:
        raise InvalidInput(problems)
    return spec
