"""What the torture scenarios share; see the modules."""

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "tests/http"), str(TOP / "tests/harness")]
