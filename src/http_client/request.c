#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

#include "http_client/http_client_int.h"

/* Each exchange has such a buffer, and a chunk of a model is small. */
enum { READ_BYTES = 1024 };

/* Text that would change the request around it. */
static bool one_line(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' && s.p[i] != '\t')
            return false;
    return true;
}

static bool method_valid(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 'A' || s.p[i] > 'Z')
            return false;
    return s.n > 0;
}

static bool scheme_is(CURLU *url, const char *scheme)
{
    char *text = NULL;
    curl_url_get(url, CURLUPART_SCHEME, &text, 0);
    bool same = text != NULL && strcmp(text, scheme) == 0;
    curl_free(text);
    return same;
}

static bool host_is_loopback(CURLU *url)
{
    char *text = NULL;
    curl_url_get(url, CURLUPART_HOST, &text, 0);
    struct str host = str_from_c(text);
    bool loopback = str_eq_nocase(host, STR("localhost")) ||
                    str_starts_with(host, STR("127.")) ||
                    str_eq(host, STR("[::1]"));
    curl_free(text);
    return loopback;
}

static enum rc set_url(
    struct http_exchange *x, struct str text, struct arena *scratch)
{
    const char *c_text = arena_c_str(scratch, text);
    CURLU *url = curl_url();
    enum rc rc = RC_INVALID;
    if (url != NULL && one_line(text) &&
        curl_url_set(url, CURLUPART_URL, c_text, 0) == CURLUE_OK &&
        (scheme_is(url, "http") || scheme_is(url, "https")))
        rc = RC_OK;
    if (rc == RC_OK && host_is_loopback(url))
        curl_easy_setopt(x->easy, CURLOPT_PROXY, "");
    curl_url_cleanup(url);
    curl_easy_setopt(x->easy, CURLOPT_URL, c_text);
    return rc;
}

static void add_field(struct http_exchange *x, const char *line)
{
    struct curl_slist *longer = curl_slist_append(x->fields, line);
    if (longer != NULL)
        x->fields = longer;
}

/* "Name;" is curl's way to say a field without a value. */
static enum rc set_fields(struct http_exchange *x,
    const struct http_client_request *request, struct arena *scratch)
{
    bool typed = false;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_client_header *h = &request->headers[i];
        if (h->name.n == 0 || !one_line(h->name) || !one_line(h->value) ||
            str_find_char(h->name, ':') < h->name.n)
            return RC_INVALID;
        typed |= str_eq_nocase(h->name, STR("Content-Type"));
        struct str line =
            h->value.n > 0 ? arena_printf(scratch, "%.*s: %.*s",
                                 STR_ARG(h->name), STR_ARG(h->value))
                           : arena_printf(scratch, "%.*s;", STR_ARG(h->name));
        add_field(x, line.p);
    }
    /* What curl would add by itself. */
    add_field(x, "Expect:");
    add_field(x, "Accept-Encoding:");
    if (!typed)
        add_field(x, "Content-Type:");
    curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->fields);
    return RC_OK;
}

static enum rc set_method(struct http_exchange *x,
    const struct http_client_request *request, struct arena *scratch)
{
    struct str method = request->method;
    if (!method_valid(method))
        return RC_INVALID;
    if (str_eq(method, STR("HEAD"))) {
        curl_easy_setopt(x->easy, CURLOPT_NOBODY, 1L);
    } else if (request->body.n > 0 || str_eq(method, STR("POST"))) {
        x->request_body = mem_dup_str(request->body);
        x->request_bytes = (curl_off_t)request->body.n;
        curl_easy_setopt(x->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(
            x->easy, CURLOPT_POSTFIELDSIZE_LARGE, x->request_bytes);
        curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, x->request_body);
    } else {
        curl_easy_setopt(x->easy, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(
        x->easy, CURLOPT_CUSTOMREQUEST, arena_c_str(scratch, method));
    return RC_OK;
}

/* Connections are counted (http_client_int.h). */
static curl_socket_t open_socket(
    void *ctx, curlsocktype, struct curl_sockaddr *address)
{
    struct http_client *client = ctx;
    int fd = socket(
        address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    client->open += fd >= 0;
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int close_socket(void *ctx, curl_socket_t fd)
{
    struct http_client *client = ctx;
    client->open--;
    return close(fd);
}

/* Debian's default CAPATH would turn off curl's cache of certificates. */
static void set_transport(struct http_exchange *x)
{
    struct http_client *client = x->client;
    curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETDATA, client);
    curl_easy_setopt(x->easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(x->easy, CURLOPT_CLOSESOCKETDATA, client);
    curl_easy_setopt(x->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(x->easy, CURLOPT_BUFFERSIZE, (long)READ_BYTES);
    curl_easy_setopt(x->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(x->easy, CURLOPT_FOLLOWLOCATION, 0L);
    /* Nothing is asked to be packed; what comes so all the same is read. */
    curl_easy_setopt(x->easy, CURLOPT_ACCEPT_ENCODING, "identity");
    curl_easy_setopt(x->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(x->easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(x->easy, CURLOPT_SHARE, client->share);
    curl_easy_setopt(x->easy, CURLOPT_CAPATH, NULL);
    if (client->ca_file != NULL)
        curl_easy_setopt(x->easy, CURLOPT_CAINFO, client->ca_file);
    curl_easy_setopt(x->easy, CURLOPT_USERAGENT, client->user_agent);
    curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->error);
    curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x);
}

/* curl copies all texts but the body. */
enum rc http_exchange_configure(
    struct http_exchange *x, const struct http_client_request *request)
{
    struct arena *scratch = arena_new();
    set_transport(x);
    enum rc rc = set_url(x, request->url, scratch);
    if (rc == RC_OK)
        rc = set_method(x, request, scratch);
    if (rc == RC_OK)
        rc = set_fields(x, request, scratch);
    arena_free(scratch);
    return rc;
}
