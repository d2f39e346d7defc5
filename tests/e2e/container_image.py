"""A root file system for containers, made of the machine's own programs, and their engine."""

import atexit
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

_PROGRAMS = ("bash", "sleep", "cat", "ls", "id", "sh")
# What a Python task needs of its image.
_MODULES = ("jinja2", "markupsafe", "pendulum", "dateutil", "pytz_deprecation_shim", "pytzdata",
            "tzdata", "six", "time_machine", "importlib_metadata", "zipp")
_SKIPPED = shutil.ignore_patterns("__pycache__", "test", "tests", "idlelib", "tkinter", "lib2to3",
                                  "ensurepip", "config-*", "dist-packages", "distutils")


class Image:
    """A folder with a root file system; with python3, unless `python` is false."""

    def __init__(self, python=True):
        self.root = Path(tempfile.mkdtemp(prefix="beeflow-image-"))
        atexit.register(shutil.rmtree, self.root, ignore_errors=True)
        for folder in ("bin", "usr/bin", "etc", "proc", "sys", "dev", "tmp", "run", "airflow"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "tmp").chmod(0o1777)
        # Others than root enter it, too.
        self.root.chmod(0o755)
        for name in _PROGRAMS:
            self._copy_program(shutil.which(name), self.root / "bin" / name)
        if python:
            self._copy_python()

    def _copy_program(self, source, target):
        shutil.copy2(Path(source).resolve(), target)
        self._copy_libraries(source)

    def _copy_libraries(self, file):
        listed = subprocess.run(["ldd", str(file)], capture_output=True, text=True, check=False)
        for path in re.findall(r"(/\S+) \(0x", listed.stdout):
            target = self.root / path.lstrip("/")
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(Path(path).resolve(), target)

    def _copy_python(self):
        program = Path("/usr/bin/python3").resolve()
        self._copy_program(program, self.root / "usr/bin/python3")
        library = Path("/usr/lib") / program.name
        shutil.copytree(library, self.root / library.relative_to("/"), symlinks=False,
                        ignore=_SKIPPED)
        packages = self.root / "usr/lib/python3/dist-packages"
        packages.mkdir(parents=True)
        for name in _MODULES:
            spec = importlib.util.find_spec(name)
            if spec is None or spec.origin is None:
                continue
            source = Path(spec.origin)
            if source.name == "__init__.py":
                shutil.copytree(source.parent, packages / name, ignore=_SKIPPED)
            else:
                shutil.copy2(source, packages / source.name)
        zones = Path("/usr/share/zoneinfo")
        for name in ("UTC", "Europe/Warsaw"):
            target = self.root / "usr/share/zoneinfo" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2((zones / name).resolve(), target)
        for extension in self.root.rglob("*.so"):
            self._copy_libraries(extension)


_images = {}


def image(python=True):
    """The path of the image, made once per run of the tests."""
    if python not in _images:
        _images[python] = Image(python)
    return str(_images[python].root)


def engines():
    """The container engines that are installed, in the order in which they are preferred."""
    return [name for name in ("podman", "runc", "crun") if shutil.which(name) and _works(name)]


def _works(name):
    """crun refuses machines where control groups v1 and v2 are mixed."""
    controllers = Path("/sys/fs/cgroup/unified/cgroup.controllers")
    mixed = controllers.exists() and controllers.read_text(encoding="ascii").strip()
    return os.geteuid() == 0 and not (name == "crun" and mixed)
