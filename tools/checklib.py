"""What the checks share: the files to look at, C without comments, a main."""

import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
C_FOLDERS = ("src/", "tests/", "fuzz/", "bench/")
GENERATED = {"node_modules", "dist", "__pycache__", ".git"}


def files(root, *suffixes, under=("",)):
    """The project's own files with these endings below the folders named."""
    found = []
    for path in own_files(root):
        name = path.relative_to(root).as_posix()
        if name.endswith(suffixes or ("",)) and any(
                name.startswith(folder) for folder in under):
            found.append(path)
    return sorted(found)


def own_files(root):
    """Tracked and new files of a repository; of a plain folder, all."""
    if not (root / ".git").exists():
        return [p for p in root.rglob("*")
                if p.is_file() and not GENERATED & set(p.parts)]
    names = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"], check=True, capture_output=True, text=True)
    paths = [root / name for name in names.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def read(path):
    return path.read_text(encoding="utf-8", errors="replace")


def place(root, path, line):
    return f"{path.relative_to(root)}:{line}"


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


_C_SKIPPED = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
_C_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M)


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def c_code(text):
    """C text with comments, literals and directives blanked, lines kept."""
    return _C_DIRECTIVE.sub(blank, _C_SKIPPED.sub(blank, text))


def c_comments_blanked(text):
    """C text with only its comments blanked."""
    return _C_SKIPPED.sub(
        lambda m: blank(m) if m.group(0).startswith("/") else m.group(0), text)


def main(check):
    """Runs a check on the folder given or the project; says what is wrong."""
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else TOP
    complaints = check(root)
    for complaint in complaints:
        print(complaint)
    sys.exit(1 if complaints else 0)
