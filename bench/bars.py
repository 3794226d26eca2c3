"""The bars that the measurements are held against, as one table."""

import statistics

OURS, NGINX, ORIGINAL = "databricks-chatbot", "nginx", "FastAPI"
PACED, OPENED = "1,000 streams, 20 tokens/s", "streams opened, one token each"
HELD, WATCHED = "10,000 streams held open", "10,000 viewers of 1,000 replies"
START = "start beside a database"
KB = 1000
AT_MOST, AT_LEAST = "≤", "≥"


def of_rounds(found, load, program, key):
    """A measurement of each round, or nothing."""
    rounds = found.get("loads", {}).get(load, {}).get(program, ())
    return [r[key] for r in rounds if key in r]


def beside(load, key, other):
    """Ours by another's of the same round."""
    def values(found):
        return [a / b for a, b in zip(of_rounds(found, load, OURS, key),
                                      of_rounds(found, load, other, key))]
    return values


def ours(load, key):
    return lambda found: of_rounds(found, load, OURS, key)


def stored(name, key, scale=1):
    def values(found):
        known = found.get("store", {}).get(name, {})
        return [known[key] / scale] if key in known else []
    return values


def told(part, key):
    """What another program of this folder has measured."""
    def values(found):
        known = found.get(part, {})
        return [known[key]] if key in known else []
    return values


def most_streams(found):
    """Of two loads that both went well: with a model's connection for each
    stream, as many as the system has descriptors for, and with ten viewers of
    each reply."""
    held, watched = (of_rounds(found, load, OURS, "streams")
                     for load in (HELD, WATCHED))
    return [max(*held, *watched)] if held and watched else []


# What, measured how, unit, which side, bar.
BARS = (
    ("processor time per token, 1,000 × 20 tokens/s, beside nginx",
     beside(PACED, "cpu_us_token", NGINX), "×", AT_MOST, 1.5),
    ("the same beside the original's stack",
     beside(PACED, "cpu_us_token", ORIGINAL), "×", AT_MOST, 0.2),
    ("processor time per stream opened, beside the original's stack",
     beside(OPENED, "cpu_us_stream", ORIGINAL), "×", AT_MOST, 0.05),
    ("delay of a token at that load, p50, beside nginx",
     beside(PACED, "delay_ms_p50", NGINX), "×", AT_MOST, 3),
    ("small documents per processor second, beside nginx",
     beside("small documents", "requests_cpu_second", NGINX), "×",
     AT_LEAST, 0.7),
    ("streams at once, none lost or out of order",
     most_streams, "", AT_LEAST, 10000),
    ("memory idle", ours(START, "idle_mib"), "MiB", AT_MOST, 12),
    ("memory of an open stream", ours(HELD, "kib_stream"), "KiB",
     AT_MOST, 24),
    ("memory under slow readers, beside quick ones",
     ours("slow readers", "slow_to_quick"), "×", AT_MOST, 1.25),
    ("start to first 200, beside a database", ours(START, "start_ms"), "ms",
     AT_MOST, 50),
    ("an answer of 16 K characters, to disk",
     stored("one answer: bytes to disk", "value", KB), "KB", AT_MOST, 200),
    ("the same, to the browser",
     stored("one answer: bytes to the browser", "value", KB), "KB",
     AT_MOST, 150),
    ("a million messages: session list, p99",
     stored("HTTP: session list", "p99"), "ms", AT_MOST, 20),
    ("a million messages: search, p99", stored("search, all kinds", "p99"),
     "ms", AT_MOST, 20),
    ("a chat of 10,000 messages", stored("HTTP: the longest chat", "p50"),
     "ms", AT_MOST, 100),
    ("instructions of the common work, beside those kept",
     told("instructions", "highest"), "×", AT_MOST, 1.05),
    ("initial JavaScript, brotli", told("page", "initial_kb"), "KB",
     AT_MOST, 150),
    ("longest task of the page at 500 tokens/s",
     told("page", "longest_task_ms"), "ms", AT_MOST, 50),
    ("the page opens a chat of 10,000 messages",
     told("page", "long_chat_open_ms"), "ms", AT_MOST, 100),
    ("release binary", told("release", "megabytes"), "MB", AT_MOST, 10),
    ("newest glibc that it needs", told("release", "glibc"), "",
     AT_MOST, 2.35),
)


def rows(found):
    """Each bar as a document; without a measurement it is not met."""
    made = []
    for what, values, unit, how, bar in BARS:
        seen = values(found)
        row = {"what": what, "unit": unit, "how": how, "bar": bar,
               "verdict": "not measured"}
        if seen:
            middle = statistics.median(seen)
            good = middle <= bar if how == AT_MOST else middle >= bar
            row |= {"measured": middle, "least": min(seen), "most": max(seen),
                    "rounds": len(seen),
                    "verdict": "met" if good else "missed"}
        made.append(row)
    return made


def number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def markdown(table):
    """The table as docs/performance.md holds it."""
    lines = ["| What | Measured | Least to most (rounds) | Bar | |",
             "|---|---|---|---|---|"]
    for row in table:
        unit = f" {row['unit']}".rstrip()
        measured = spread = "–"
        if "measured" in row:
            measured = f"{number(row['measured'])}{unit}"
            spread = (f"{number(row['least'])} to {number(row['most'])} "
                      f"({row['rounds']})") if row["rounds"] > 1 else "(1)"
        lines.append(f"| {row['what']} | {measured} | {spread} | "
                     f"{row['how']} {number(row['bar'])}{unit} | "
                     f"{row['verdict']} |")
    return "\n".join(lines)
