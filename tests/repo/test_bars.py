"""The table of bars says met, missed, or that nothing was measured."""

import sys
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "bench"))

import bars  # noqa: E402 pylint: disable=wrong-import-position

TOKEN = "processor time per token, 1,000 × 20 tokens/s, beside nginx"


def rounds(ours, nginx):
    """A result with the processor time of each round."""
    return {"loads": {bars.PACED: {
        bars.OURS: [{"cpu_us_token": value} for value in ours],
        bars.NGINX: [{"cpu_us_token": value} for value in nginx]}}}


def row(found, what=TOKEN):
    return next(r for r in bars.rows(found) if r["what"] == what)


class Bars(unittest.TestCase):
    def test_nothing_measured_is_not_met(self):
        table = bars.rows({"loads": {}})
        self.assertEqual({"not measured"}, {r["verdict"] for r in table})
        self.assertEqual(len(bars.BARS), len(table))

    def test_the_median_of_the_rounds_decides(self):
        found = row(rounds([10, 14, 90], [10, 10, 10]))
        self.assertEqual("met", found["verdict"])
        self.assertAlmostEqual(1.4, found["measured"])
        self.assertEqual((1, 9), (found["least"], found["most"]))
        self.assertEqual("missed", row(rounds([16], [10]))["verdict"])

    def test_a_round_that_one_of_them_lacks_is_left_out(self):
        self.assertEqual(1, row(rounds([10, 90], [10]))["rounds"])

    def test_at_least_is_the_other_way_round(self):
        found = {"loads": {"small documents": {
            bars.OURS: [{"requests_cpu_second": 60}],
            bars.NGINX: [{"requests_cpu_second": 100}]}}}
        what = "small documents per processor second, beside nginx"
        self.assertEqual("missed", row(found, what)["verdict"])

    def test_the_table_has_a_line_for_each(self):
        lines = bars.markdown(bars.rows(rounds([15000], [10]))).splitlines()
        self.assertEqual(len(bars.BARS) + 2, len(lines))
        self.assertEqual(
            f"| {TOKEN} | 1,500 × | (1) | ≤ 1.5 × | missed |", lines[2])


if __name__ == "__main__":
    unittest.main()
