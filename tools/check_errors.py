#!/usr/bin/env python3
"""Every error code that the interface can answer is in docs/errors.md, and
every code listed there is one that the source knows."""

import re

import checklib

PAGE = "docs/errors.md"

CODES = """invalid_json invalid_request unauthenticated cross_site_request
    not_found method_not_allowed reply_in_progress payload_too_large
    unsupported_media_type uri_too_long headers_too_large request_timeout
    rate_limited storage_unavailable storage_full storage_readonly internal
    shutting_down upstream_unreachable upstream_timeout upstream_rate_limited
    upstream_unavailable upstream_auth upstream_forbidden upstream_not_found
    upstream_bad_request upstream_bad_response upstream_interrupted
    upstream_error content_blocked context_too_long""".split()

# A row of the page's table opens with the code.
ROW = re.compile(r"^\|\s*`(\w+)`\s*\|", re.M)


def check(root):
    path = root / PAGE
    if not path.exists():
        return [f"{PAGE}: missing"]
    text = checklib.read(path)
    listed = set(ROW.findall(text))
    source = "\n".join(checklib.read(p) for p in checklib.files(
        root, ".c", ".h", under=("src/",)))
    complaints = [f"{PAGE}: no row for {code}"
                  for code in CODES if code not in listed]
    for code in sorted(listed | set(CODES)):
        if f'"{code}"' not in source:
            complaints.append(f"src: no source file knows the code {code}")
    return complaints


if __name__ == "__main__":
    checklib.main(check)
