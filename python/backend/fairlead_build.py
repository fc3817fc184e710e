"""Builds the wheel: the package with libfairlead inside.

A backend of our own, because what setuptools would be told is longer than this, and
because so the build needs nothing but Python and, where the library was not built
before, Go and a C compiler.
"""

import base64
import hashlib
import io
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NAMES = {"darwin": "libfairlead.dylib", "win32": "fairlead.dll"}
LIBRARY = os.path.join("fairlead_ws", NAMES.get(sys.platform, "libfairlead.so"))
GENERATED_HEADER = "libfairlead.h"
EPOCH = (1980, 1, 1, 0, 0, 0)


def _project(key):
    with open(os.path.join(ROOT, "pyproject.toml"), encoding="utf-8") as f:
        return re.search(rf'^{key} = "(.*)"$', f.read(), re.M).group(1)


def _build_library():
    """Builds the library where the Go source lies beside; otherwise it must be there."""
    source = os.path.join(os.path.dirname(ROOT), "cabi")
    target = os.path.join(ROOT, LIBRARY)
    if os.path.exists(os.path.join(source, "go.mod")):
        subprocess.run(["go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", target, "."],
                       cwd=source, check=True, env=dict(os.environ, CGO_ENABLED="1"))
    if not os.path.exists(target):
        raise FileNotFoundError(f"{target} is missing: build it with go build -buildmode=c-shared in cabi")


def _files(*folders):
    for folder in folders:
        for where, names, files in os.walk(os.path.join(ROOT, folder)):
            names[:] = sorted(n for n in names if n != "__pycache__")
            for name in sorted(files):
                if name != GENERATED_HEADER:
                    yield os.path.relpath(os.path.join(where, name), ROOT)


def _tag():
    platform = re.sub(r"[-.]", "_", sysconfig.get_platform())
    return f"py3-none-{platform}"


def _metadata():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        readme = f.read()
    return (f"Metadata-Version: 2.1\nName: {_project('name')}\nVersion: {_project('version')}\n"
            f"Summary: {_project('description')}\nLicense: MIT\nRequires-Python: {_project('requires-python')}\n"
            f"Description-Content-Type: text/markdown\n\n{readme}")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    _build_library()
    base = f"{_project('name').replace('-', '_')}-{_project('version')}"
    info = f"{base}.dist-info"
    name = f"{base}-{_tag()}.whl"
    contents = {}
    for path in _files("fairlead_ws"):
        with open(os.path.join(ROOT, path), "rb") as f:
            contents[path.replace(os.sep, "/")] = f.read()
    contents[f"{info}/METADATA"] = _metadata().encode()
    contents[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: fairlead_build\nRoot-Is-Purelib: false\nTag: {_tag()}\n".encode()
    record = io.StringIO()
    for path, data in contents.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.write(f"{path},sha256={digest},{len(data)}\n")
    record.write(f"{info}/RECORD,,\n")
    contents[f"{info}/RECORD"] = record.getvalue().encode()
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, data in contents.items():
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.external_attr = (0o755 if path.endswith((".so", ".dylib", ".dll")) else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, data)
    return name


def build_sdist(sdist_directory, config_settings=None):
    """The source of the package, with the library for this system: its Go source is elsewhere."""
    _build_library()
    base = f"{_project('name').replace('-', '_')}-{_project('version')}"
    name = f"{base}.tar.gz"
    with tarfile.open(os.path.join(sdist_directory, name), "w:gz") as archive:
        for path in ["pyproject.toml", "README.md", *_files("fairlead_ws", "backend", "tests", "examples")]:
            archive.add(os.path.join(ROOT, path), f"{base}/{path}")
        data = _metadata().encode()
        entry = tarfile.TarInfo(f"{base}/PKG-INFO")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return name
