#include <string.h>

#include "assets/assets.h"

#include "api/api_int.h"

/*
 * The page: files by their path, and its start page for every address that
 * the page itself routes. Scripts come from files only; the hash allows the
 * one empty <style> element that styled-components puts into the page.
 */
#define CONTENT_SECURITY_POLICY                                                \
    "default-src 'none'; script-src 'self'; "                                  \
    "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; " \
    "style-src-attr 'none'; img-src 'self' data: blob:; font-src 'self'; "     \
    "connect-src 'self'; frame-src 'self'; manifest-src 'self'; "              \
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "            \
    "object-src 'none'; require-trusted-types-for 'script'; "                  \
    "trusted-types 'none'"

/*
 * Of the pages inside the page: they have no origin. That its script is none
 * but its own each says itself, by hash.
 */
#define FRAME_POLICY                                                           \
    "default-src 'none'; script-src 'unsafe-inline'; "                         \
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "         \
    "frame-ancestors 'self'; sandbox allow-scripts"

static const struct frame {
    const char *path, *policy;
} frames[] = {
    /* Draws diagrams, and can reach nothing. */
    {"/mermaid-frame.html", FRAME_POLICY},
    /* Shows a picture, and leaves itself only the site that it is from. */
    {"/picture-frame.html", FRAME_POLICY "; img-src https:"},
};

enum { MAX_HEADERS = 12 };

struct headers {
    struct http_header items[MAX_HEADERS];
    size_t count;
};

static void add(struct headers *h, struct str name, struct str value)
{
    h->items[h->count++] = (struct http_header){name, value};
}

static const struct frame *find_frame(const char *path)
{
    for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++)
        if (strcmp(frames[i].path, path) == 0)
            return &frames[i];
    return NULL;
}

static void add_security(struct headers *h, const struct frame *frame)
{
    add(h, STR("Content-Security-Policy"),
        frame != NULL ? str_from_c(frame->policy)
                      : STR(CONTENT_SECURITY_POLICY));
    add(h, STR("Referrer-Policy"), STR("no-referrer"));
    add(h, STR("X-Frame-Options"), frame ? STR("SAMEORIGIN") : STR("DENY"));
    add(h, STR("Cross-Origin-Opener-Policy"), STR("same-origin"));
    add(h, STR("Permissions-Policy"),
        STR("camera=(), microphone=(), geolocation=()"));
}

static void send_asset(struct http_request *http, const struct asset *asset)
{
    enum asset_encoding encoding;
    struct headers h = {.count = 0};
    asset_choose(
        asset, http_request_header(http, "Accept-Encoding"), &encoding);
    const struct asset_body *body = &asset->bodies[encoding];
    struct str type = str_from_c(asset->content_type);
    add(&h, STR("Cache-Control"), str_from_c(asset_cache_control(asset)));
    add(&h, STR("ETag"), body->etag);
    add(&h, STR("Vary"), STR("Accept-Encoding"));
    if (str_starts_with(type, STR("text/html")))
        add_security(&h, find_frame(asset->path));
    bool same = asset_etag_matches(
        http_request_header(http, "If-None-Match"), body->etag);
    if (encoding != ASSET_IDENTITY && !same)
        add(&h, STR("Content-Encoding"),
            str_from_c(asset_encoding_name(encoding)));
    http_respond(
        http, &(struct http_response){
                  .status = same ? 304 : 200,
                  .content_type = same ? (struct str){0} : type,
                  .headers = h.items,
                  .header_count = h.count,
                  .body = same ? body->data : asset_data(asset, encoding),
                  .body_life = HTTP_BODY_STATIC,
                  .omit_body = same,
              });
}

/* Addresses the page routes itself: "/c/<anything>" and names without dot. */
static bool is_page_address(struct str path)
{
    return str_starts_with(path, STR("/c/")) ||
           str_find_char(path, '.') == path.n;
}

void api_page(struct http_request *http, void *)
{
    struct str path = http_request_path(http);
    bool api = str_eq(path, STR("/chat-api")) ||
               str_starts_with(path, STR("/chat-api/"));
    const struct asset *asset = api ? NULL : assets_find(path);
    if (asset == NULL && !api && is_page_address(path))
        asset = assets_find(STR("/"));
    if (asset != NULL)
        send_asset(http, asset);
    else if (assets_count() == 0 && !api)
        problem_respond(http, PROBLEM_NOT_FOUND,
            "This program was built without its page; build it with ./run.",
            NULL);
    else
        problem_respond(
            http, PROBLEM_NOT_FOUND, "There is nothing at this address.", NULL);
}

void api_docs(struct http_request *http, void *)
{
    const struct asset *asset = assets_find(STR("/docs.html"));
    if (asset != NULL)
        send_asset(http, asset);
    else /* built without the page */
        api_redirect(http, STR("/chat-api/openapi.json"), (struct str){0});
}
