"""A clean root file system of Ubuntu 22.04, which Databricks Apps has too: its
smallest form, without a single package of ours."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

ARCHIVE = "http://archive.ubuntu.com/ubuntu"
KEYS = "pool/main/u/ubuntu-keyring/ubuntu-keyring_2021.03.26_all.deb"
KEYS_SHA256 = "0d0e7ed6b112f5d03eabf3c7eb01ebdacf9c57714b279e90495cfc58c8c4520f"
KEYRING = "./usr/share/keyrings/ubuntu-archive-keyring.gpg"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"),
             "databricks-chatbot")
MAKING_SECONDS = 600


def keyring(folder):
    """The archive's own keys, by which debootstrap knows it."""
    with urllib.request.urlopen(f"{ARCHIVE}/{KEYS}", timeout=30) as answer:
        package = answer.read()
    if hashlib.sha256(package).hexdigest() != KEYS_SHA256:
        raise AssertionError(f"{KEYS} is not what it was")
    deb, keys = folder / "keys.deb", folder / "keys.gpg"
    deb.write_bytes(package)
    files = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], check=True,
                           stdout=subprocess.PIPE).stdout
    keys.write_bytes(subprocess.run(
        ["tar", "-xO", KEYRING], input=files, check=True,
        stdout=subprocess.PIPE).stdout)
    return keys


def make(root):
    """Takes a minute; what is half made has another name."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        part = Path(folder, "root")
        made = subprocess.run(
            ["debootstrap", "--variant=minbase",
             f"--keyring={keyring(Path(folder))}", "jammy", part, ARCHIVE],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=MAKING_SECONDS)
        if made.returncode != 0:
            raise AssertionError(made.stdout[-2000:])
        part.rename(root)


def copy_to(place):
    """A copy that a test may write to; skips the test where none can be."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("only root may enter another root")
    pristine = CACHE / "ubuntu-22.04"
    if not pristine.exists():
        try:
            make(pristine)
        except urllib.error.URLError as error:
            raise unittest.SkipTest(f"{ARCHIVE}: {error.reason}") from error
    shutil.copytree(pristine, place, symlinks=True,
                    ignore=lambda folder, names: (
                        names if folder.endswith("/dev") else ()))
    (place / "tmp").chmod(0o1777)
