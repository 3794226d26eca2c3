#include <assert.h>

#include "base/crypto.h"
#include "base/id.h"
#include "base/json_writer.h"
#include "base/mem.h"
#include "base/rsa.h"

#include "emulator/emulator_int.h"

enum { MAX_TOKENS = 10'000, MAX_REVOKED = 1'000, TEXT_MAX = 8192 };

#define KEY_ID "demo-key-1"

struct emu_tokens {
    struct map *by_text;
    struct list all; /* oldest first */
    struct map *revoked;
    struct rsa_key *key; /* NULL until something is signed */
};

void emu_tokens_init(struct emulator *e)
{
    e->tokens = MEM_NEW(struct emu_tokens);
    e->tokens->by_text = map_new(MAX_TOKENS);
    e->tokens->revoked = map_new(MAX_REVOKED);
    list_init(&e->tokens->all);
}

void emu_token_drop(struct emulator *e, struct emu_token *t)
{
    map_remove(e->tokens->by_text, str_from_c(t->text));
    list_remove(&t->link);
    mem_free(t->text);
    mem_free(t->subject);
    mem_free(t->client);
    mem_free(t->scope);
    mem_free(t->nonce);
    mem_free(t->redirect_uri);
    mem_free(t->challenge);
    mem_free(t);
}

void emu_tokens_drop_all(struct emulator *e)
{
    LIST_EACH(node, &e->tokens->all)
    {
        emu_token_drop(e, LIST_ITEM(node, struct emu_token, link));
    }
}

void emu_tokens_free(struct emulator *e)
{
    emu_tokens_drop_all(e);
    map_free(e->tokens->by_text);
    map_free(e->tokens->revoked);
    rsa_key_free(e->tokens->key);
    mem_free(e->tokens);
}

/* ---- Writing them ---- */

void emu_base64url(struct buf *out, struct str data)
{
    size_t from = out->n;
    crypto_base64(out, data);
    for (size_t i = from; i < out->n; i++) {
        char *c = &out->p[i];
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    }
    while (out->n > from && out->p[out->n - 1] == '=')
        out->n--;
}

/* Made when it is first needed: it takes a while. */
static const struct rsa_key *signing_key(const struct emulator *e)
{
    if (e->tokens->key == NULL)
        e->tokens->key = rsa_key_new();
    return e->tokens->key;
}

static void write_issuer(const struct emulator *e, struct json_writer *w)
{
    struct buf issuer;
    buf_init(&issuer, TEXT_MAX);
    buf_append(&issuer, buf_str(&e->url));
    buf_append(&issuer, STR("/oidc"));
    json_member_str(w, "iss", buf_str(&issuer));
    buf_release(&issuer);
}

/* The claims of an access token, or of what tells who a person is. */
static void write_claims(
    const struct emulator *e, const struct emu_grant *g, struct buf *out)
{
    struct json_writer w;
    char id[ID_SIZE];
    int64_t now_ms = loop_wall_us(e->loop) / 1000;
    id_new(id);
    json_writer_init(&w, out);
    json_begin_object(&w);
    write_issuer(e, &w);
    json_member_str(&w, "sub", g->subject);
    if (g->kind == EMU_TOKEN_ID) {
        json_member_str(&w, "aud", g->client);
        json_member_str(&w, "email", g->subject);
        json_member_str(&w, "name", g->subject);
        if (g->nonce.n > 0)
            json_member_str(&w, "nonce", g->nonce);
    } else {
        json_member_str(&w, "aud", STR(EMU_WORKSPACE_ID));
        json_member_str(&w, "client_id", g->client);
        json_member_str(&w, "scope", g->scope);
    }
    json_member_str(&w, "jti", str_from_c(id));
    json_member_int(&w, "iat", now_ms / 1000);
    json_member_int(&w, "exp", (now_ms + g->ttl_ms) / 1000);
    json_end_object(&w);
}

/* header.claims.signature, each base64url (RFC 7519). */
static void write_jwt(
    const struct emulator *e, const struct emu_grant *g, struct buf *out)
{
    struct buf part;
    buf_init(&part, TEXT_MAX);
    buf_printf(&part, "{\"typ\":\"%s\",\"alg\":\"RS256\",\"kid\":\"%s\"}",
        g->kind == EMU_TOKEN_ID ? "JWT" : "at+jwt", KEY_ID);
    emu_base64url(out, buf_str(&part));
    buf_clear(&part);
    write_claims(e, g, &part);
    buf_append_char(out, '.');
    emu_base64url(out, buf_str(&part));
    buf_clear(&part);
    if (rsa_key_sign(signing_key(e), buf_str(out), &part) == RC_OK) {
        buf_append_char(out, '.');
        emu_base64url(out, buf_str(&part));
    }
    buf_release(&part);
}

static void write_text(
    const struct emulator *e, const struct emu_grant *g, struct buf *out)
{
    if (g->kind == EMU_TOKEN_ACCESS || g->kind == EMU_TOKEN_ID) {
        write_jwt(e, g, out);
        return;
    }
    buf_append(out, g->kind == EMU_TOKEN_CODE ? STR("dcod") : STR("doau"));
    crypto_random_token(out, 24);
}

void emu_tokens_write_keys(struct emulator *e, struct buf *out)
{
    struct json_writer w;
    struct buf n, text;
    buf_init(&n, TEXT_MAX);
    buf_init(&text, TEXT_MAX);
    if (rsa_key_modulus(signing_key(e), &n) == RC_OK)
        emu_base64url(&text, buf_str(&n));
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_key(&w, "keys");
    json_begin_array(&w);
    json_begin_object(&w);
    json_member_str(&w, "kty", STR("RSA"));
    json_member_str(&w, "kid", STR(KEY_ID));
    json_member_str(&w, "use", STR("sig"));
    json_member_str(&w, "alg", STR("RS256"));
    json_member_str(&w, "n", buf_str(&text));
    json_member_str(&w, "e", STR("AQAB"));
    json_end_object(&w);
    json_end_array(&w);
    json_end_object(&w);
    buf_release(&text);
    buf_release(&n);
}

/* ---- Keeping them ---- */

static void make_room(struct emulator *e)
{
    if (map_count(e->tokens->by_text) < MAX_TOKENS)
        return;
    emu_token_drop(e, LIST_ITEM(e->tokens->all.next, struct emu_token, link));
}

const struct emu_token *emu_token_new(
    struct emulator *e, const struct emu_grant *g)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    write_text(e, g, &text);
    make_room(e);
    struct emu_token *t = MEM_NEW(struct emu_token);
    t->kind = g->kind;
    t->text = mem_dup_str(buf_str(&text));
    t->subject = mem_dup_str(g->subject);
    t->client = mem_dup_str(g->client);
    t->scope = mem_dup_str(g->scope);
    t->nonce = mem_dup_str(g->nonce);
    t->redirect_uri = mem_dup_str(g->redirect_uri);
    t->challenge = mem_dup_str(g->challenge);
    t->expires_ms = loop_wall_us(e->loop) / 1000 + g->ttl_ms;
    list_init(&t->link);
    list_push(&e->tokens->all, &t->link);
    /* There is room, and each text is another one. */
    bool added = map_add(e->tokens->by_text, buf_str(&text), t) == RC_OK;
    assert(added);
    buf_release(&text);
    return t;
}

struct emu_token *emu_token_find(
    const struct emulator *e, struct str text, enum emu_token_kind kind)
{
    struct emu_token *t = map_get(e->tokens->by_text, text);
    return t != NULL && t->kind == kind &&
                   t->expires_ms > loop_wall_us(e->loop) / 1000
               ? t
               : NULL;
}

void emu_token_revoke(struct emulator *e, struct str text)
{
    struct emu_token *t = map_get(e->tokens->by_text, text);
    if (t != NULL)
        emu_token_drop(e, t);
    else if (map_add(e->tokens->revoked, text, e) != RC_OK)
        return; /* it is in there, or there are too many */
}

bool emu_token_revoked(const struct emulator *e, struct str text)
{
    return map_get(e->tokens->revoked, text) != NULL;
}
