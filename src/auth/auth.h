#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/str.h"

/*
 * Who the caller is. Everything here is a decision about text; reading
 * headers and looking credentials up is the business of the layer above.
 */
enum auth_kind {
    AUTH_NOBODY,
    AUTH_PROXY,  /* headers of a proxy that signed the person in */
    AUTH_COOKIE, /* a browser session of ours */
    AUTH_BEARER, /* an API token */
};

struct auth_identity {
    enum auth_kind kind;
    struct str user_id;
    struct str email;    /* may be empty */
    struct str username; /* never empty for anybody known */
};

/*
 * Identity from X-Forwarded-User, -Email and -Preferred-Username (databricks
 * 6.5). false when user is empty or one of them is not fit for use (longer
 * than 256 bytes, control characters, not UTF-8). As in the original, the
 * user name is the part of the preferred name before '@'; without one, of the
 * e-mail, then the user id. Strings are copied into arena.
 */
bool auth_from_proxy(struct arena *arena, struct str user, struct str email,
    struct str preferred_username, struct auth_identity *ret);

/* Token of "Bearer <token>"; empty when the header is something else. */
struct str auth_bearer_token(struct str authorization);

/* What decides whether a request that changes something is the person's own. */
struct auth_origin {
    enum auth_kind kind;
    struct str sec_fetch_site;
    struct str origin;
    struct str host;           /* Host header */
    struct str forwarded_host; /* X-Forwarded-Host from a trusted proxy */
};

/*
 * True when the request was made by another site in the person's browser. A
 * bearer token is never sent by a browser on its own, so such requests pass.
 * With a cookie of ours one of the two headers must be there and say
 * same-origin; behind a proxy absent headers pass, because scripts sign in
 * there too.
 */
bool auth_cross_site(const struct auth_origin *o);

/*
 * The one-time sign-in link: a secret that works once. Safe from any thread.
 */
struct auth_link;

struct auth_link *auth_link_new(void);
void auth_link_free(struct auth_link *link); /* NULL is a no-op */

/* Makes a new secret, appends it to out; the old one stops working. */
void auth_link_renew(struct auth_link *link, struct buf *out);

/* True once for the current secret. */
bool auth_link_use(struct auth_link *link, struct str secret);

/*
 * A bounded memory of looked-up credentials, so that not every request asks
 * the store: key is the SHA-256 hex of the secret. Safe from any thread, so
 * that what is revoked on one loop is unknown to all.
 */
struct auth_cache;

struct auth_cache *auth_cache_new(size_t max_entries, int64_t ttl_ms);
void auth_cache_free(struct auth_cache *cache); /* NULL is a no-op */

/* Copies into arena; false when unknown or older than the time to live. */
bool auth_cache_get(struct auth_cache *cache, struct str hash, int64_t now_ms,
    struct arena *arena, struct auth_identity *ret);
void auth_cache_put(struct auth_cache *cache, struct str hash, int64_t now_ms,
    const struct auth_identity *identity);
void auth_cache_remove(struct auth_cache *cache, struct str hash);

#endif
