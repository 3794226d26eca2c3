#ifndef EMULATOR_TOKENS_H
#define EMULATOR_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/str.h"

/* What the workspace hands out and knows again: tokens and codes. */
struct emulator;

enum emu_token_kind {
    EMU_TOKEN_ACCESS,  /* a signed JWT */
    EMU_TOKEN_ID,      /* the same, about a person */
    EMU_TOKEN_REFRESH, /* good for one more access token */
    EMU_TOKEN_CODE,    /* of an authorization */
};

/* Views are copied. */
struct emu_grant {
    enum emu_token_kind kind;
    struct str subject; /* a client id, or the e-mail of a person */
    struct str client;  /* to whom it was given */
    struct str scope;   /* divided by spaces */
    struct str nonce;   /* of an id token */
    int64_t ttl_ms;
    struct str redirect_uri, challenge; /* of a code */
};

struct emu_token {
    struct list link;
    enum emu_token_kind kind;
    char *text;
    char *subject, *client, *scope, *nonce, *redirect_uri, *challenge;
    int64_t expires_ms; /* wall clock */
};

void emu_tokens_init(struct emulator *e);
void emu_tokens_free(struct emulator *e);

/* The token lives until it is dropped, or the oldest of too many. */
const struct emu_token *emu_token_new(
    struct emulator *e, const struct emu_grant *grant);

/* NULL when there is none, or it has expired. */
struct emu_token *emu_token_find(
    const struct emulator *e, struct str text, enum emu_token_kind kind);

void emu_token_drop(struct emulator *e, struct emu_token *token);

/* Takes back a token of any kind, also those that were never handed out. */
void emu_token_revoke(struct emulator *e, struct str text);
bool emu_token_revoked(const struct emulator *e, struct str text);

/* Takes back all that were handed out. */
void emu_tokens_drop_all(struct emulator *e);

/* Appends the document of /oidc/jwks.json. */
void emu_tokens_write_keys(struct emulator *e, struct buf *out);

/* Appends data as base64url without padding. */
void emu_base64url(struct buf *out, struct str data);

#endif
