#include "http_server/http_server_int.h"

static const struct http_fault bad_line_end = {
    400, "malformed_request", "A line of the request does not end in CR LF."};
static const struct http_fault bad_control = {400, "malformed_request",
    "The head of the request holds a control character."};
static const struct http_fault bad_fold = {
    400, "malformed_request", "A header field is continued on a second line."};

/* The byte behind a CR, which must be the LF that ends the line. */
static const struct http_fault *end_line(struct http_scan *scan, char c)
{
    if (c != '\n')
        return &bad_line_end;
    scan->cr = false;
    if (scan->line_size == 0 && !scan->framing)
        scan->done = true;
    else
        scan->lines++;
    scan->line_size = 0;
    return NULL;
}

static const struct http_fault *scan_byte(struct http_scan *scan, char c)
{
    if (scan->cr)
        return end_line(scan, c);
    if (c == '\r') {
        scan->cr = true;
        return NULL;
    }
    if (c == '\n')
        return &bad_line_end;
    if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f)
        return &bad_control;
    if (scan->line_size++ == 0 && !scan->framing && (c == ' ' || c == '\t'))
        return &bad_fold;
    return NULL;
}

const struct http_fault *http_scan(struct http_scan *scan, struct str s)
{
    for (size_t i = 0; i < s.n && !scan->done; i++) {
        const struct http_fault *fault = scan_byte(scan, s.p[i]);
        scan->seen++;
        if (fault != NULL)
            return fault;
    }
    return NULL;
}
