"""Scripts for the upstream that several test modules use."""

import time


def hold(exchange):
    """Three deltas, then silence until the test opens the gate."""
    exchange.begin()
    for part in ("One. ", "Two. ", "Three. "):
        exchange.delta(part)
        time.sleep(0.02)
    exchange.upstream.gate(exchange.question).wait(60)
    exchange.delta("Four.")
    exchange.finish()


def pace(exchange):
    """Numbered words at a good pace, for seconds."""
    exchange.begin()
    for number in range(1500):
        if not exchange.delta(f"w{number} é "):
            return
        time.sleep(0.004)
    exchange.finish()


def paced_text(count):
    return "".join(f"w{number} é " for number in range(count))
