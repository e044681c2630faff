"""What is built and installed: one name, all files, and a checkout without links is refused."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.magnet.commands import environment
from tests.test_imports import PACKAGE, ROOMS, ROOT

_BUILD = "import sys; from hatchling import build; print(getattr(build, sys.argv[1])(sys.argv[2]))"
_SOURCES = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "NOTICE")


def hatch(hook: str, source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """Call a build hook as pip does: build_wheel, build_sdist or build_editable."""
    command = [sys.executable, "-c", _BUILD, hook, str(out)]
    return subprocess.run(command, cwd=source, capture_output=True, text=True)


def built(hook: str, source: Path, out: Path) -> Path:
    done = hatch(hook, source, out)
    assert done.returncode == 0, done.stderr
    return out / done.stdout.split()[-1]


def contents(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("build_wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with the wheel, and another distribution that owns `evals`."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "evals").mkdir()
    (folder / "evals" / "__init__.py").write_text("OWNER = 'somebody else'\n")
    information = folder / "evals-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: evals\nVersion: 1.0\n")
    (information / "RECORD").write_text("evals/__init__.py,,\n")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps")
    subprocess.run(
        [*pip, "--no-index", "--target", str(folder), str(wheel)], check=True, capture_output=True
    )
    return folder


@pytest.fixture
def full_folder(tmp_path: Path) -> Path:
    """A user's folder with modules of their own, named as our rooms and failing if imported."""
    for room in ROOMS:
        (tmp_path / f"{room}.py").write_text(f"raise SystemExit('imported the user\\'s {room}')\n")
    (tmp_path / "evals.py").unlink()
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals" / "__init__.py").write_text("raise SystemExit('imported their evals')\n")
    return tmp_path


def run(
    installed: Path, folder: Path, command: Sequence[str | Path]
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder with the installed package, and not with the checkout."""
    variables = environment(folder, PYTHONPATH=str(installed))
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)


def test_the_wheel_holds_one_name(wheel: Path):
    tops = {name.partition("/")[0] for name in contents(wheel)}
    assert sorted(tops) == ["magnet", "magnet_counseling-0.1.0.dist-info"]


def test_the_wheel_holds_every_file_of_the_package(wheel: Path):
    here = {
        Path(folder, name).relative_to(PACKAGE.parent).as_posix()
        for folder, _, names in os.walk(PACKAGE, followlinks=True)
        for name in names
        if not folder.endswith("__pycache__")
    }
    data = {
        "magnet/py.typed",
        "magnet/graph/methods.toml",
        "magnet/prompts/texts/planner.yaml",
        "magnet/evals/scales/ctrs.yaml",
        "magnet/evals/rating_kit/page/page.html",
        "magnet/evals/report/templates/report.html",
        "magnet/example_intake/01-ines-mistake-at-work.yaml",
    }
    assert data <= here
    assert here == {name for name in contents(wheel) if name.startswith("magnet/")}


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path):
    with tarfile.open(built("build_sdist", ROOT, tmp_path)) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert contents(built("build_wheel", unpacked, tmp_path)) == contents(wheel)


def test_an_editable_install_exposes_one_name(tmp_path: Path):
    files = contents(built("build_editable", ROOT, tmp_path))
    (link,) = (name for name in files if ".dist-info/" not in name)
    (added,) = files[link].decode().split()
    assert link.endswith(".pth")
    assert [path.name for path in Path(added).iterdir()] == ["magnet"]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["magnet", "python -m magnet"])
def test_the_installed_command_works_beside_modules_of_the_users(
    form: str, installed: Path, full_folder: Path
):
    script = [installed / "bin" / "magnet"]
    command = script if form == "magnet" else [sys.executable, "-m", "magnet"]
    played = run(installed, full_folder, [*command, "run", "--model", "fake", "--turns", "2"])
    assert played.returncode == 0, played.stderr
    listed = run(installed, full_folder, [*command, "list", "--json"])
    assert listed.returncode == 0, listed.stderr
    assert [session["status"] for session in json.loads(listed.stdout)] == ["finished"]


@pytest.mark.slow
def test_the_installed_package_leaves_another_owner_its_name(installed: Path, tmp_path: Path):
    program = "import evals, magnet.evals; print(evals.OWNER, magnet.__file__)"
    shown = run(installed, tmp_path, [sys.executable, "-c", program])
    assert shown.stdout == f"somebody else {installed / 'magnet' / '__init__.py'}\n", shown.stderr
    tops = {path.name for path in installed.iterdir() if path.suffix != ".dist-info"}
    assert tops == {"bin", "evals", "magnet"}


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_checkout_without_links_says_how_to_make_them(tmp_path: Path):
    repository, checkout = tmp_path / "repository", tmp_path / "checkout"
    shutil.copytree(ROOT / "src", repository / "src", symlinks=True)
    for name in _SOURCES:
        shutil.copy(ROOT / name, repository)
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "All"]):
        git(repository, *words)
    git(tmp_path, "clone", "-c", "core.symlinks=false", str(repository), str(checkout))
    assert (checkout / "src" / "magnet" / "state").is_file()

    refused = hatch("build_wheel", checkout, tmp_path)
    assert refused.returncode != 0
    said = " ".join(refused.stderr.split())
    for name in (*ROOMS, "example_intake"):
        assert str(Path("src", "magnet", name)) in said
    assert "expected links to folders, found text files" in said

    remedy = said.rpartition("then run: ")[2]
    subprocess.run(remedy, cwd=checkout, check=True, shell=True)
    assert (checkout / "src" / "magnet" / "state").is_symlink()
    assert hatch("build_sdist", checkout, tmp_path).returncode == 0
