#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"
#include "databricks/people.h"
#include "databricks/token_life.h"
#include "telemetry/log.h"

#include "api/callers.h"

/*
 * Whoever sends an unknown token makes this server ask the workspace. So the
 * questions under way are bounded, and a refusal is remembered too, though
 * shortly: what is told here is what was true at most a minute ago.
 */
enum {
    QUESTIONS_MAX = 32,  /* under way on one loop */
    WAITING_MAX = 10000, /* requests that wait for them */
};

struct question {
    struct callers *callers;
    char hash[CRYPTO_SHA256_HEX_SIZE];
    struct databricks_who *who;
    struct list waiting; /* requests, see struct api_request */
};

struct callers {
    struct api *api;
    struct map *by_hash; /* questions under way */
    size_t waiting;
};

struct callers *callers_new(struct api *api)
{
    struct callers *callers = MEM_NEW(struct callers);
    callers->api = api;
    callers->by_hash = map_new(QUESTIONS_MAX);
    return callers;
}

void callers_free(struct callers *callers)
{
    if (callers == NULL)
        return;
    size_t at = 0;
    for (struct question *q; (q = map_next(callers->by_hash, &at)) != NULL;) {
        databricks_who_cancel(q->who);
        mem_free(q);
    }
    map_free(callers->by_hash);
    mem_free(callers);
}

static bool on(const struct api *api)
{
    return api->config.workspace_callers != NULL;
}

bool callers_known(struct callers *callers, struct api_request *r)
{
    struct api *api = callers->api;
    return on(api) && auth_cache_get(api->config.workspace_callers,
                          r->credential_hash, loop_now_ms(api->loop),
                          http_request_arena(r->http), &r->identity);
}

static bool refused_before(struct callers *callers, struct api_request *r)
{
    struct api *api = callers->api;
    struct auth_identity nobody;
    return auth_cache_get(api->config.refused_callers, r->credential_hash,
        loop_now_ms(api->loop), http_request_arena(r->http), &nobody);
}

/* Takes the first that waits out of the line; NULL at its end. */
static struct api_request *next_waiting(struct question *q)
{
    struct list *node = list_pop(&q->waiting);
    if (node == NULL)
        return NULL;
    struct api_request *r = LIST_ITEM(node, struct api_request, in_line);
    list_init(&r->in_line);
    http_request_on_gone(r->http, NULL, NULL);
    q->callers->waiting--;
    return r;
}

/*
 * As the proxy of Databricks Apps calls the same person, so that chats are
 * theirs whichever way they come.
 */
static bool identify(struct arena *arena, const struct databricks_person *p,
    struct auth_identity *ret)
{
    struct str id = p->id;
    if (p->workspace.n > 0)
        id = arena_printf(
            arena, "%.*s@%.*s", STR_ARG(p->id), STR_ARG(p->workspace));
    if (!auth_from_proxy(arena, id, p->email, p->user_name, ret))
        return false;
    ret->kind = AUTH_BEARER;
    return true;
}

static void remember(struct callers *callers, const struct question *q,
    enum callers_verdict verdict, const struct auth_identity *identity)
{
    struct api *api = callers->api;
    struct str hash = str_from_c(q->hash);
    int64_t now = loop_now_ms(api->loop);
    if (verdict == CALLERS_KNOWN)
        auth_cache_put(api->config.workspace_callers, hash, now, identity);
    else if (verdict == CALLERS_NOBODY)
        auth_cache_put(api->config.refused_callers, hash, now, identity);
}

static enum callers_verdict judge(const struct databricks_error *error)
{
    /* This server's address may be blocked: that is 403 as well. */
    bool denied =
        error->code == DATABRICKS_UPSTREAM_FORBIDDEN &&
        str_eq(str_from_c(error->upstream_code), STR("PERMISSION_DENIED"));
    bool refused = denied || error->code == DATABRICKS_USER_TOKEN_REFUSED ||
                   error->code == DATABRICKS_MISSING_SCOPE;
    if (!refused)
        log_warn("the workspace does not say whose a caller's token is; the "
                 "caller is told to come again",
            LOG_CSTR("code", databricks_code_name(error->code)),
            LOG_INT("status", error->http_status),
            LOG_CSTR("detail", error->detail));
    return refused ? CALLERS_NOBODY : CALLERS_UNSURE;
}

/* Those who came with the token meanwhile are answered alike. */
static void on_who(void *ctx, const struct databricks_person *person,
    const struct databricks_error *error)
{
    struct question *q = ctx;
    struct callers *callers = q->callers;
    struct auth_identity identity = {.kind = AUTH_NOBODY};
    struct arena *arena = arena_new();
    enum callers_verdict verdict;
    if (error != NULL)
        verdict = judge(error);
    else
        verdict =
            identify(arena, person, &identity) ? CALLERS_KNOWN : CALLERS_NOBODY;
    map_remove(callers->by_hash, str_from_c(q->hash));
    remember(callers, q, verdict, &identity);
    for (struct api_request *r; (r = next_waiting(q)) != NULL;) {
        callers_fn *done = r->in_line_done;
        if (verdict == CALLERS_KNOWN && !callers_known(callers, r))
            verdict = CALLERS_UNSURE; /* a cache of no size */
        done(r, verdict);
    }
    arena_free(arena);
    mem_free(q);
}

static void on_gone(void *ctx)
{
    struct api_request *r = ctx;
    list_remove(&r->in_line);
    r->api->callers->waiting--;
}

/* The question about this token, asked if it is not yet; NULL: no room. */
static struct question *question_of(
    struct callers *callers, struct str hash, struct str token)
{
    struct question *q = map_get(callers->by_hash, hash);
    if (q != NULL || map_count(callers->by_hash) >= QUESTIONS_MAX)
        return q;
    q = MEM_NEW(struct question);
    q->callers = callers;
    list_init(&q->waiting);
    for (size_t i = 0; i < hash.n && i + 1 < sizeof(q->hash); i++)
        q->hash[i] = hash.p[i];
    if (map_add(callers->by_hash, hash, q) != RC_OK) {
        mem_free(q);
        return NULL;
    }
    if (databricks_who_ask(callers->api->config.databricks, token, on_who, q,
            &q->who) != RC_OK) {
        map_remove(callers->by_hash, hash);
        mem_free(q);
        return NULL;
    }
    return q;
}

enum callers_verdict callers_ask(struct callers *callers, struct api_request *r,
    struct str token, callers_fn *done)
{
    if (!on(callers->api) || !token_is_printable(token))
        return CALLERS_NOBODY;
    if (callers_known(callers, r))
        return CALLERS_KNOWN;
    if (refused_before(callers, r))
        return CALLERS_NOBODY;
    if (callers->waiting >= WAITING_MAX)
        return CALLERS_UNSURE;
    struct question *q = question_of(callers, r->credential_hash, token);
    if (q == NULL)
        return CALLERS_UNSURE;
    callers->waiting++;
    r->in_line_done = done;
    list_init(&r->in_line);
    list_push(&q->waiting, &r->in_line);
    http_request_on_gone(r->http, on_gone, r);
    return CALLERS_PENDING;
}
