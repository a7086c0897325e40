"""The image: pinned, unprivileged, from the lock."""

from __future__ import annotations

import re

from tests.unit.deployments.shipped import FOLDER, OUR_IMAGE, ROOT, compose, pods

TEXT = (FOLDER / "image" / "Dockerfile").read_text()


def test_it_is_made_from_a_pinned_image_and_the_lock() -> None:
    assert re.search(r"^ARG PYTHON=3\.11\.\d+-slim-\w+$", TEXT, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE)) == {"python:${PYTHON}"}
    assert "--require-hashes --no-deps -r requirements.lock" in TEXT
    assert "--no-deps --no-build-isolation --no-index ." in TEXT


def test_it_runs_as_nobody_in_particular() -> None:
    last = TEXT.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)$", last, re.MULTILINE) == ["10001:10001"]
    for _, pod in pods():
        assert pod["securityContext"]["runAsUser"] == 10001


def test_what_is_copied_is_there_and_not_left_out() -> None:
    kept = (FOLDER / "image" / "Dockerfile.dockerignore").read_text().split()
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", TEXT, re.MULTILINE)
        for source in line.split()[:-1]
        if not source.startswith("--")
    ]
    assert "requirements.lock" in copied
    for source in copied:
        assert (ROOT / source).exists()
        assert f"!{source.partition('/')[0]}" in kept
    assert kept[0] == "*"


def test_everybody_takes_the_version_that_this_is() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    used = {one["image"] for one in compose()["services"].values() if OUR_IMAGE in one["image"]}
    assert used == {f"{OUR_IMAGE}:{version[1]}"}
    kustomization = (FOLDER / "kubernetes" / "kustomization.yaml").read_text()
    assert f"newTag: {version[1]}" in kustomization
