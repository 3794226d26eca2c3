"""The statements that the crash test checks; docs/guarantees.md names them."""

ACKNOWLEDGED = "no acknowledged write is lost"
SEEN = "nobody has seen what the log lacks"
FINAL_STATE = "every reply is in exactly one final state"
ONCE = "a repeated send is one send"
RESUME = "what was cut is resumed byte by byte"
FEED = "the change feed tells every acknowledged change"
SEARCH = "search finds what is there"
KEPT = "nothing is overwritten"
INTACT = "the database is intact"
WORKS = "the server starts again"
TEST = "the test itself works"
ALL = (ACKNOWLEDGED, SEEN, FINAL_STATE, ONCE, RESUME, FEED, SEARCH, KEPT,
       INTACT, WORKS, TEST)
