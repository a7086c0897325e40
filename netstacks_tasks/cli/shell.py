"""`netstacks env`: what other programs need to reach Prefect."""

from __future__ import annotations

import shlex

from netstacks_tasks.cli.output import AsJson, print_json, print_text


def env(as_json: AsJson = False) -> None:
    """Print the variables with which Prefect's own command reaches this Prefect.

    With the login of the server that `netstacks up` started: it is a secret, as
    good as every password that is kept in Prefect. What runs elsewhere, and this
    user's environment has already, is not repeated.

    \b
    Examples:
      eval "$(netstacks env)"
      prefect deployment run 'backup/My Task'
    """
    from netstacks_tasks.embedded.connection import running_stack
    from netstacks_tasks.embedded.endpoints import NO_PREFECT, NotConnected, prefect_of
    from netstacks_tasks.embedded.prefect_login import AUTH_STRING
    from netstacks_tasks.settings import load_settings

    settings = load_settings()
    prefect = prefect_of(settings, running_stack(settings.state_dir))
    if prefect.api_url is None:
        raise NotConnected(NO_PREFECT)
    variables = {"PREFECT_API_URL": prefect.api_url}
    if prefect.auth_string is not None:
        variables[AUTH_STRING] = prefect.auth_string
    if as_json:
        print_json(variables)
        return
    print_text("\n".join(f"export {name}={shlex.quote(v)}" for name, v in variables.items()))
