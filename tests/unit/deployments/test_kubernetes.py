"""The manifests: valid, bounded, closed, and in step with the rest."""

from __future__ import annotations

import shutil
import subprocess
from copy import deepcopy
from typing import Any

import kubernetes_validate
import pytest
import yaml

from netstacks_tasks.settings import Settings
from tests.unit.deployments.shipped import FOLDER, kubernetes, pods, variables

HERE = FOLDER / "kubernetes"
PODS = dict(pods())
RELEASE = "1.33"


def test_every_document_is_valid() -> None:
    documents = kubernetes()
    assert len(documents) > 20
    for document in documents:
        kubernetes_validate.validate(document, RELEASE, strict=True)


def test_a_field_that_is_none_is_found_out() -> None:
    wrong = deepcopy(next(one for one in kubernetes() if one["kind"] == "Deployment"))
    wrong["spec"]["template"]["spec"]["terminationGraceSeconds"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, RELEASE, strict=True)


def test_every_file_is_listed() -> None:
    listed = yaml.safe_load((HERE / "kustomization.yaml").read_text())["resources"]
    assert {*listed, "kustomization.yaml"} == {path.name for path in HERE.glob("*.yaml")}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl to build it")
def test_kustomize_builds_it() -> None:
    built = subprocess.run(["kubectl", "kustomize", str(HERE)], check=True, capture_output=True)
    made = [one for one in yaml.safe_load_all(built.stdout) if one]
    assert len(made) == len(kubernetes())
    for document in made:
        if document["kind"] != "Namespace":
            assert document["metadata"]["namespace"] == "netstacks"
    images = {
        container["image"]
        for one in made if one["kind"] in {"Deployment", "Job"}
        for container in one["spec"]["template"]["spec"]["containers"]
    }  # fmt: skip
    assert len(images) == 1
    assert ":latest" not in images.pop()


@pytest.mark.parametrize("name", PODS)
def test_a_pod_may_do_nothing_that_it_does_not_need(name: str) -> None:
    pod = PODS[name]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        for kind in ("requests", "limits"):
            assert container["resources"][kind].keys() == {"cpu", "memory"}


def test_what_listens_is_probed() -> None:
    for name, pod in PODS.items():
        for container in pod["containers"]:
            ports = [one["name"] for one in container.get("ports", ())]
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                assert (probe in container) == bool(ports), name
                if ports:
                    assert container[probe]["httpGet"]["port"] == ports[0]
            if ports:
                # A database that is away is no reason to start again.
                assert container["livenessProbe"]["httpGet"]["path"] in {"/healthz", "/api/health"}


def test_runs_get_the_time_that_the_worker_gives_them() -> None:
    settings = Settings.model_fields
    needed = settings["worker_drain_seconds"].default + settings["worker_end_seconds"].default
    for name in ("worker", "worker-fra"):
        assert PODS[name]["terminationGracePeriodSeconds"] > needed


def _labelled(selector: dict[str, str]) -> list[str]:
    return [
        one["metadata"]["name"]
        for one in kubernetes()
        if one["kind"] in {"Deployment", "Job"}
        and selector.items() <= one["spec"]["template"]["metadata"]["labels"].items()
    ]


def _of_kind(kind: str) -> list[dict[str, Any]]:
    return [one for one in kubernetes() if one["kind"] == kind]


def test_selectors_find_pods() -> None:
    for deployment in _of_kind("Deployment"):
        name = deployment["metadata"]["name"]
        assert _labelled(deployment["spec"]["selector"]["matchLabels"]) == [name]
    for budget in _of_kind("PodDisruptionBudget"):
        assert _labelled(budget["spec"]["selector"]["matchLabels"]) == [budget["metadata"]["name"]]
    for service in _of_kind("Service"):
        (name,) = _labelled(service["spec"]["selector"])
        ports = {one["name"] for one in PODS[name]["containers"][0]["ports"]}
        assert {one["targetPort"] for one in service["spec"]["ports"]} <= ports
    for policy in _of_kind("NetworkPolicy"):
        chosen = policy["spec"]["podSelector"].get("matchLabels", {})
        assert _labelled(chosen), policy["metadata"]["name"]


def test_nothing_is_reached_but_what_a_policy_names() -> None:
    closed = next(one for one in _of_kind("NetworkPolicy") if not one["spec"]["podSelector"]
                  and "Ingress" in one["spec"]["policyTypes"])  # fmt: skip
    assert set(closed["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in closed["spec"]
    assert "egress" not in closed["spec"]
    reached = {
        name: {
            rule["port"]
            for policy in _of_kind("NetworkPolicy")
            if name in _labelled(policy["spec"]["podSelector"].get("matchLabels", {"-": ""}))
            for way in policy["spec"].get("ingress", ())
            for rule in way["ports"]
        }
        for name in PODS
    }
    for name, pod in PODS.items():
        listening = {one["containerPort"] for one in pod["containers"][0].get("ports", ())}
        assert listening <= reached[name], name


def test_secrets_are_named_and_told_of() -> None:
    wanted = variables(HERE / "secrets.example.env")
    assert set(wanted.values()) == {""}
    used = {
        one["valueFrom"]["secretKeyRef"]["key"]
        for pod in PODS.values()
        for one in pod["containers"][0]["env"]
    }
    assert used == wanted.keys()


def test_servers_have_the_settings_that_all_servers_have() -> None:
    maps = {one["metadata"]["name"]: one["data"] for one in _of_kind("ConfigMap")}
    given = dict(maps["prefect-server"])
    assert given.pop("PREFECT_UI_API_URL").endswith("/api")
    assert given == variables(FOLDER / "prefect-server.env")
