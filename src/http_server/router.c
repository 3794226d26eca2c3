#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "http_server/http_server_int.h"

enum { MAX_SEGMENTS = 32, ALLOW_MAX = 256 };

struct segment {
    struct str text; /* literal, or the name of the parameter */
    bool param;
};

/* A route's pattern, cut at its slashes. */
struct pattern {
    const struct http_route *route;
    struct str method;
    struct segment *segments;
    size_t count;
    struct str *param_names;
    size_t param_count;
    uint32_t weight; /* literal segments count, earlier ones more */
};

struct http_router {
    struct arena *arena;
    struct pattern *patterns; /* heaviest first */
    size_t count;
};

/* Cuts a path at its slashes; 0 when it has too many or does not begin so. */
static size_t split_path(struct str path, struct str ret[MAX_SEGMENTS])
{
    size_t count = 0;
    if (!str_starts_with(path, STR("/")))
        return 0;
    struct str rest = str_sub(path, 1, path.n);
    bool more = true;
    while (more) {
        if (count == MAX_SEGMENTS)
            return 0;
        more = str_cut(rest, '/', &ret[count], &rest);
        count++;
    }
    return count;
}

static void compile(
    struct arena *arena, const struct http_route *route, struct pattern *p)
{
    struct str parts[MAX_SEGMENTS];
    p->route = route;
    p->method = str_from_c(route->method);
    p->count = split_path(str_from_c(route->pattern), parts);
    p->segments = arena_alloc(arena, p->count * sizeof(*p->segments));
    p->param_names = arena_alloc(arena, p->count * sizeof(*p->param_names));
    for (size_t i = 0; i < p->count; i++) {
        struct segment *s = &p->segments[i];
        s->param = str_starts_with(parts[i], STR("{")) &&
                   str_ends_with(parts[i], STR("}"));
        s->text = s->param ? str_sub(parts[i], 1, parts[i].n - 2) : parts[i];
        if (s->param)
            p->param_names[p->param_count++] = s->text;
        else
            p->weight |= UINT32_C(1) << (MAX_SEGMENTS - 1 - i);
    }
}

/* Heaviest first, else in the order of the table. */
static int by_weight(const void *a, const void *b)
{
    const struct pattern *pa = a, *pb = b;
    if (pa->weight != pb->weight)
        return pa->weight < pb->weight ? 1 : -1;
    return (pa->route > pb->route) - (pa->route < pb->route);
}

struct http_router *http_router_new(
    const struct http_route *routes, size_t count)
{
    struct http_router *router = MEM_NEW(struct http_router);
    router->arena = arena_new();
    router->count = count;
    router->patterns =
        arena_alloc(router->arena, count * sizeof(*router->patterns));
    for (size_t i = 0; i < count; i++)
        compile(router->arena, &routes[i], &router->patterns[i]);
    if (count > 0)
        qsort(router->patterns, count, sizeof(*router->patterns), by_weight);
    return router;
}

void http_router_free(struct http_router *router)
{
    if (router == NULL)
        return;
    arena_free(router->arena);
    mem_free(router);
}

static bool pattern_matches(
    const struct pattern *p, const struct str *parts, size_t count)
{
    if (p->count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct segment *s = &p->segments[i];
        if (s->param ? parts[i].n == 0 : !str_eq(s->text, parts[i]))
            return false;
    }
    return true;
}

static void set_params(
    struct http_request *r, const struct pattern *p, const struct str *parts)
{
    r->param_names = p->param_names;
    r->param_count = p->param_count;
    r->param_values =
        arena_alloc(r->arena, p->param_count * sizeof(*r->param_values));
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->segments[i].param)
            r->param_values[n++] = parts[i];
}

static bool method_fits(const struct pattern *p, struct str method, bool head)
{
    return str_eq(p->method, method) || (head && str_eq(p->method, STR("GET")));
}

/* The patterns that match as well as the first one that does. */
struct candidates {
    const struct pattern *first;
    const struct pattern *end;
    const struct str *parts;
    size_t count;
};

static const struct pattern *next_candidate(
    const struct candidates *c, const struct pattern *p)
{
    while (p < c->end && !pattern_matches(p, c->parts, c->count))
        p++;
    return p < c->end && p->weight == c->first->weight ? p : NULL;
}

static void allow_add(struct buf *allow, struct str method)
{
    if (allow->n > 0)
        buf_append(allow, STR(", "));
    buf_append(allow, method);
}

static struct str allow_list(struct arena *arena, const struct candidates *c)
{
    struct buf allow;
    buf_init(&allow, ALLOW_MAX);
    for (const struct pattern *p = c->first; p != NULL;
         p = next_candidate(c, p + 1)) {
        allow_add(&allow, p->method);
        if (str_eq(p->method, STR("GET")))
            allow_add(&allow, STR("HEAD"));
    }
    allow_add(&allow, STR("OPTIONS"));
    struct str ret = arena_str(arena, buf_str(&allow));
    buf_release(&allow);
    return ret;
}

static struct http_match match_method(
    struct http_request *r, const struct candidates *c)
{
    bool is_head = str_eq(r->method, STR("HEAD"));
    for (int through_get = 0; through_get <= is_head; through_get++)
        for (const struct pattern *p = c->first; p != NULL;
             p = next_candidate(c, p + 1))
            if (method_fits(p, r->method, through_get)) {
                set_params(r, p, c->parts);
                return (struct http_match){.route = p->route};
            }
    return (struct http_match){.known = true, .allow = allow_list(r->arena, c)};
}

struct http_match http_router_match(
    const struct http_router *router, struct http_request *r)
{
    struct str parts[MAX_SEGMENTS];
    size_t count = split_path(r->path, parts);
    for (size_t i = 0; i < count; i++)
        if (!http_url_decode(r->arena, parts[i], false, &parts[i]))
            return (struct http_match){0};
    const struct pattern *p = router->patterns;
    const struct pattern *end = p + router->count;
    while (p < end && !pattern_matches(p, parts, count))
        p++;
    if (count == 0 || p == end)
        return (struct http_match){0};
    struct candidates c = {p, end, parts, count};
    return match_method(r, &c);
}
