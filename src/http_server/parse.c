#include <string.h>

#include "base/mem.h"

#include "http_server/http_server_int.h"

static const struct http_fault bad_line = {
    400, "malformed_request", "The request line is malformed."};
static const struct http_fault bad_version = {
    400, "malformed_request", "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
static const struct http_fault bad_method = {
    501, "not_implemented", "The server does not know this method."};
static const struct http_fault bad_header = {
    400, "malformed_request", "A header field is malformed."};
static const struct http_fault bad_host = {400, "malformed_request",
    "The request needs exactly one valid Host header field."};
static const struct http_fault bad_length = {
    400, "malformed_request", "The Content-Length is not valid."};
static const struct http_fault bad_framing = {400, "malformed_request",
    "The length of the body is stated in more than one way."};
static const struct http_fault bad_coding = {
    501, "not_implemented", "The server does not know this transfer coding."};
static const struct http_fault bad_body = {
    400, "malformed_request", "The chunks of the body are malformed."};
static const struct http_fault big_body = {
    413, "payload_too_large", "The body of the request is too large."};
static const struct http_fault no_memory = {
    503, "overloaded", "The server has no memory left for this request."};

enum {
    MAX_LENGTH_DIGITS = 18,
    FRAMING_FIXED = 16384, /* bytes around the body in any case */
    FRAMING_PER_BYTE = 16, /* and for each byte of it */
};

/* What the parser's callbacks fill in. */
struct parsing {
    struct http_request *request;
    const struct http_fault *fault;
    bool trailers; /* header fields now belong to the trailer section */
    struct http_scan *framing;
    const char *framed; /* framing is scanned up to here */
};

static int on_header_field(llhttp_t *parser, const char *p, size_t n)
{
    struct parsing *parsing = parser->data;
    struct http_request *r = parsing->request;
    if (parsing->trailers)
        return 0;
    if (r->header_count == r->header_cap) {
        parsing->fault = &bad_header;
        return HPE_USER;
    }
    r->headers[r->header_count++] = (struct http_header){.name = {p, n}};
    return 0;
}

/* The head is one piece of memory, so pieces of a value follow each other. */
static int on_header_value(llhttp_t *parser, const char *p, size_t n)
{
    struct parsing *parsing = parser->data;
    struct http_request *r = parsing->request;
    if (parsing->trailers)
        return 0;
    struct str *value = &r->headers[r->header_count - 1].value;
    const char *from = value->p != NULL ? value->p : p;
    *value = str_trim((struct str){from, (size_t)(p + n - from)});
    return 0;
}

/* Never leave HTTP: an Upgrade that is asked for is not an Upgrade made. */
static int on_headers_complete(llhttp_t *parser)
{
    parser->upgrade = 0;
    return 0;
}

/* What lies between pieces of the body is framing. */
static bool scan_framing(struct parsing *parsing, const char *until)
{
    const char *from = parsing->framed;
    parsing->framed = until;
    const struct http_fault *fault =
        http_scan(parsing->framing, (struct str){from, (size_t)(until - from)});
    if (fault != NULL)
        parsing->fault = fault;
    return fault == NULL;
}

static int on_body(llhttp_t *parser, const char *p, size_t n)
{
    struct parsing *parsing = parser->data;
    struct http_request *r = parsing->request;
    if (!scan_framing(parsing, p))
        return HPE_USER;
    parsing->framed = p + n;
    enum rc rc = buf_append(&r->body, (struct str){p, n});
    if (rc == RC_OK)
        return 0;
    parsing->fault = rc == RC_NO_MEMORY ? &no_memory : &big_body;
    return HPE_USER;
}

static int on_message_complete(llhttp_t *parser)
{
    struct parsing *parsing = parser->data;
    parsing->request->complete = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

static bool digits_only(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0 && s.n <= MAX_LENGTH_DIGITS;
}

/* The first of that name, and how many there are. */
static size_t find_header(
    const struct http_request *r, struct str name, struct str *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < r->header_count; i++)
        if (str_eq_nocase(r->headers[i].name, name) && count++ == 0)
            *ret = r->headers[i].value;
    return count;
}

/* RFC 9110 5.6.2: the characters of a token. */
static bool token_valid(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                     (c >= 'A' && c <= 'Z');
        if (!alnum && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
            return false;
    }
    return s.n > 0;
}

/* The parser lets an empty name pass. */
static const struct http_fault *check_names(const struct http_request *r)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (!token_valid(r->headers[i].name))
            return &bad_header;
    return NULL;
}

/* One of Content-Length and "chunked", stated once, or no body. */
static const struct http_fault *check_framing(const struct http_request *r)
{
    struct str length = {0}, coding = {0};
    size_t lengths = find_header(r, STR("Content-Length"), &length);
    size_t codings = find_header(r, STR("Transfer-Encoding"), &coding);
    if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0))
        return &bad_framing;
    if (lengths == 1 && !digits_only(length))
        return &bad_length;
    if (codings == 1 && r->minor == 0)
        return &bad_framing;
    if (codings == 1 && !str_eq_nocase(coding, STR("chunked")))
        return &bad_coding;
    return NULL;
}

/* The authority of an absolute target counts more than Host. */
static const struct http_fault *check_host(
    struct http_request *r, struct str authority)
{
    struct str host = {0};
    size_t hosts = find_header(r, STR("Host"), &host);
    if (hosts > 1 || (hosts == 0 && r->minor > 0) ||
        (hosts == 1 && !http_authority_valid(host)))
        return &bad_host;
    for (size_t i = 0; authority.n > 0 && i < r->header_count; i++)
        if (str_eq_nocase(r->headers[i].name, STR("Host")))
            r->headers[i].value = authority;
    return NULL;
}

/* method SP target SP version; the target is looked at later. */
static const struct http_fault *split_request_line(
    struct http_request *r, struct str line, struct str *ret_target)
{
    struct str rest, version;
    if (!str_cut(line, ' ', &r->method, &rest) ||
        !str_cut(rest, ' ', ret_target, &version) || ret_target->n == 0 ||
        !token_valid(r->method))
        return &bad_line;
    if (str_find_char(version, ' ') != version.n ||
        !str_starts_with(version, STR("HTTP/")))
        return &bad_line;
    if (!str_eq(version, STR("HTTP/1.0")) && !str_eq(version, STR("HTTP/1.1")))
        return &bad_version;
    r->minor = version.p[version.n - 1] == '1';
    return str_eq(r->method, STR("CONNECT")) ? &bad_method : NULL;
}

static const struct http_fault *run_parser(
    llhttp_t *parser, struct parsing *parsing, struct str head)
{
    llhttp_init(parser, HTTP_REQUEST, &settings);
    parser->data = parsing;
    enum llhttp_errno error = llhttp_execute(parser, head.p, head.n);
    parser->data = NULL;
    if (error == HPE_OK || error == HPE_PAUSED)
        return NULL;
    if (parsing->fault != NULL)
        return parsing->fault;
    return error == HPE_INVALID_METHOD ? &bad_method : &bad_header;
}

const struct http_fault *http_parse_head(
    llhttp_t *parser, struct http_request *r, struct str head, size_t lines)
{
    struct parsing parsing = {.request = r};
    struct str copy = arena_str(r->arena, head), target, authority;
    struct str line = str_sub(copy, 0, str_find_char(copy, '\r'));
    r->header_cap = lines;
    r->headers = arena_alloc(r->arena, lines * sizeof(*r->headers));
    const struct http_fault *fault = split_request_line(r, line, &target);
    if (fault == NULL)
        fault = run_parser(parser, &parsing, copy);
    /* Where a body cannot be framed the parser gives up, but knows less. */
    const struct http_fault *framing = check_framing(r);
    if (fault == &bad_header && framing != NULL)
        fault = framing;
    if (fault == NULL)
        fault = framing != NULL ? framing : check_names(r);
    if (fault == NULL)
        fault = http_split_target(r, target, &authority);
    if (fault == NULL)
        fault = check_host(r, authority);
    return fault;
}

/* Chunks of one byte with long extensions would be work for nothing. */
static bool framing_too_large(
    const struct http_scan *framing, const struct buf *body)
{
    return framing->seen / FRAMING_PER_BYTE >
           body->n + FRAMING_FIXED / FRAMING_PER_BYTE;
}

const struct http_fault *http_parse_body(llhttp_t *parser,
    struct http_request *r, struct http_scan *framing, struct str data,
    size_t *ret_used)
{
    struct parsing parsing = {
        .request = r, .trailers = true, .framing = framing, .framed = data.p};
    framing->framing = true;
    parser->data = &parsing;
    enum llhttp_errno error = llhttp_execute(parser, data.p, data.n);
    parser->data = NULL;
    if (parsing.fault != NULL)
        return parsing.fault;
    if (error != HPE_OK && error != HPE_PAUSED)
        return &bad_body;
    const char *end = data.p + data.n;
    if (error == HPE_PAUSED)
        end = llhttp_get_error_pos(parser);
    if (end > parsing.framed && !scan_framing(&parsing, end))
        return parsing.fault;
    if (framing_too_large(framing, &r->body))
        return &bad_body;
    *ret_used = (size_t)(end - data.p);
    return NULL;
}
