"""systemd takes the unit files, and they leave the service few rights."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
UNITS = sorted((TOP / "deploy/systemd").iterdir())
MOST_EXPOSED = 2.0  # of 10, as systemd counts


def analyze(*arguments):
    done = subprocess.run(["systemd-analyze", *arguments], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


class Units(unittest.TestCase):
    def test_systemd_understands_them(self):
        with tempfile.TemporaryDirectory() as folder:
            for unit in UNITS:
                text = unit.read_text()
                # The program need not be installed where this test runs.
                Path(folder, unit.name).write_text(
                    text.replace("/usr/local/bin/databricks-chatbot",
                                 "/bin/true"))
            status, said = analyze(
                "verify", *(str(Path(folder, u.name)) for u in UNITS))
        self.assertEqual((0, ""), (status, said))

    def test_the_service_may_do_little(self):
        service = TOP / "deploy/systemd/databricks-chatbot.service"
        _, said = analyze("security", "--offline=true", str(service))
        exposure = re.search(r"Overall exposure level for .*: ([\d.]+)", said)
        self.assertIsNotNone(exposure, said)
        self.assertLessEqual(float(exposure[1]), MOST_EXPOSED)


if __name__ == "__main__":
    unittest.main()
