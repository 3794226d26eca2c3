#ifndef ASSETS_ASSETS_H
#define ASSETS_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* The files of the web interface, which lie in the program itself. */

enum asset_encoding {
    ASSET_IDENTITY,
    ASSET_GZIP,
    ASSET_BROTLI,
    ASSET_ENCODINGS
};

struct asset_body {
    struct str data; /* without bytes: only packed, see asset_data() */
    struct str etag; /* strong, in its quotes; empty: not in this encoding */
};

/* Everything lives as long as the program. */
struct asset {
    const char *path; /* of the URL, "/assets/index-Bx2f9Q1c.js" */
    const char *content_type;
    bool immutable; /* the name changes with the content */
    struct asset_body bodies[ASSET_ENCODINGS]; /* ASSET_IDENTITY is there */
};

/* 0 when the program was built without the page. */
size_t assets_count(void);

/* In order of path; NULL from assets_count() on. */
const struct asset *assets_at(size_t i);

/*
 * The file at a percent-decoded URL path, or NULL. "/" is "/index.html"; no
 * other folder has an index.
 */
const struct asset *assets_find(struct str path);

/*
 * The best body for an Accept-Encoding header (RFC 9110 section 12.5.3; empty:
 * none was sent): highest weight, then fewest bytes by kind. False when the
 * client refuses every encoding there is; *ret is ASSET_IDENTITY then.
 */
bool asset_choose(const struct asset *asset, struct str accept_encoding,
    enum asset_encoding *ret);

/*
 * The bytes in an encoding that the file has; they live as long as the
 * program. Most files are kept packed only: who wants one as it is has it
 * unpacked, once, whichever thread asks.
 */
struct str asset_data(const struct asset *asset, enum asset_encoding encoding);

/* Value of Content-Encoding, "" for the identity. */
const char *asset_encoding_name(enum asset_encoding encoding);

/* Value of Cache-Control. */
const char *asset_cache_control(const struct asset *asset);

/*
 * Whether an If-None-Match header names the entity tag (RFC 9110 section
 * 13.1.2: weak comparison, lists, "*"), so that the answer is 304.
 */
bool asset_etag_matches(struct str if_none_match, struct str etag);

#endif
