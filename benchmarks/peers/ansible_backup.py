"""A backup with Ansible: its module for the purpose, over `network_cli`.

As its users tune it: 50 forks, the free strategy, no facts, modules run within
the persistent connection. Host keys are not checked, as in most of its labs and
many of its networks. It takes the running configuration alone.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from benchmarks.fleet.device import PASSWORD, USERNAME
from benchmarks.own_cost import OwnCost, run_and_hear
from benchmarks.peers.job import Job

PROGRAM = "ansible-playbook"
_FORKS = 50
_SETTINGS = {
    "ANSIBLE_FORKS": str(_FORKS),
    "ANSIBLE_GATHERING": "explicit",
    "ANSIBLE_HOST_KEY_CHECKING": "False",
    "ANSIBLE_STDOUT_CALLBACK": "minimal",
    "ANSIBLE_RETRY_FILES_ENABLED": "False",
    "ANSIBLE_PARAMIKO_LOOK_FOR_KEYS": "False",
    "ANSIBLE_PARAMIKO_HOST_KEY_AUTO_ADD": "True",
    "ANSIBLE_PERSISTENT_CONNECT_TIMEOUT": "60",
    "ANSIBLE_PERSISTENT_COMMAND_TIMEOUT": "60",
    "ANSIBLE_DEPRECATION_WARNINGS": "False",
}


def back_up(job: Job, scratch: Path) -> OwnCost:
    """Back up the job's devices; its cost, what its connections used included.

    Raises:
        RuntimeError: it failed on a device.
    """
    inventory, playbook = scratch / "inventory.yml", scratch / "playbook.yml"
    # JSON is YAML.
    inventory.write_text(json.dumps(_inventory(job)))
    playbook.write_text(json.dumps(_playbook(job.folder)))
    env = {
        **os.environ,
        **_SETTINGS,
        "HOME": str(scratch),
        "ANSIBLE_HOME": str(scratch / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(scratch / "tmp"),
        "ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": str(scratch / "pc"),
    }
    argv = [PROGRAM, "--inventory", str(inventory), str(playbook)]
    return run_and_hear([sys.executable, "-m", "benchmarks.peers.adopting", *argv], env=env)


def _inventory(job: Job) -> dict[str, object]:
    hosts = {
        host.name: {"ansible_host": host.address, "ansible_port": host.port} for host in job.hosts
    }
    common = {
        "ansible_connection": "ansible.netcommon.network_cli",
        "ansible_network_os": "cisco.ios.ios",
        "ansible_network_cli_ssh_type": "paramiko",
        "ansible_user": USERNAME,
        "ansible_password": PASSWORD,
        "ansible_python_interpreter": "/usr/bin/python3",
    }
    return {"all": {"vars": common, "hosts": hosts}}


def _playbook(folder: Path) -> list[dict[str, object]]:
    options = {"dir_path": str(folder), "filename": "{{ inventory_hostname }}.running.cfg"}
    task = {"cisco.ios.ios_config": {"backup": True, "backup_options": options}}
    return [{"hosts": "all", "gather_facts": False, "strategy": "free", "tasks": [task]}]
