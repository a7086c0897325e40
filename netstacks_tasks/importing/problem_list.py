"""Problems of a file, as many as anybody reads."""

from __future__ import annotations

from typing import Final

from netstacks_tasks.errors import InvalidInput, Problem

MOST_PROBLEMS: Final = 10_000


class ProblemList(list[Problem]):
    """Ends the reading of files that hold nothing but faults, millions of them."""

    def append(self, problem: Problem) -> None:
        """Add one.

        Raises:
            InvalidInput: with all of them, for they are too many.
        """
        if len(self) >= MOST_PROBLEMS:
            more = "there is more: mend what is told before this"
            raise InvalidInput([*self, Problem(field="", message=more, location=problem.location)])
        super().append(problem)
