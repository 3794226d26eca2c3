#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/utf8.h"

void json_writer_init(struct json_writer *w, struct buf *out)
{
    *w = (struct json_writer){out, true};
}

static void before_value(struct json_writer *w)
{
    if (!w->first)
        buf_append_char(w->out, ',');
    w->first = false;
}

static void begin(struct json_writer *w, char c)
{
    before_value(w);
    buf_append_char(w->out, c);
    w->first = true;
}

static void end(struct json_writer *w, char c)
{
    buf_append_char(w->out, c);
    w->first = false;
}

void json_begin_object(struct json_writer *w)
{
    begin(w, '{');
}

void json_end_object(struct json_writer *w)
{
    end(w, '}');
}

void json_begin_array(struct json_writer *w)
{
    begin(w, '[');
}

void json_end_array(struct json_writer *w)
{
    end(w, ']');
}

/* Escape for a byte that may not stand in a string as it is, or NULL. */
static const char *escape_of(unsigned char c)
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

static bool plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

/* Appends well-formed s, copying runs of plain bytes at once. */
static void append_escaped(struct buf *out, struct str s)
{
    size_t i = 0;
    while (i < s.n) {
        size_t run = i;
        while (run < s.n && plain((unsigned char)s.p[run]))
            run++;
        buf_append(out, str_sub(s, i, run - i));
        i = run;
        if (i >= s.n)
            break;
        unsigned char c = (unsigned char)s.p[i++];
        const char *escape = escape_of(c);
        if (escape != NULL)
            buf_append(out, str_from_c(escape));
        else
            buf_printf(out, "\\u%04x", c);
    }
}

/* Most strings are letters that stand as they are. */
static bool all_plain(struct str s)
{
    bool plain_ascii = true;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        plain_ascii &= c < 0x80 && plain(c);
    }
    return plain_ascii;
}

static void append_string(struct buf *out, struct str s)
{
    char *p;
    if (all_plain(s) && buf_reserve(out, s.n + 2, &p) == RC_OK) {
        p[0] = p[s.n + 1] = '"';
        if (s.n > 0)
            memcpy(p + 1, s.p, s.n);
        buf_commit(out, s.n + 2);
        return;
    }
    buf_append_char(out, '"');
    while (s.n > 0) {
        size_t valid = utf8_valid_prefix(s);
        append_escaped(out, str_sub(s, 0, valid));
        if (valid < s.n)
            buf_append(out, STR("\xef\xbf\xbd"));
        s = str_sub(s, valid + 1, s.n);
    }
    buf_append_char(out, '"');
}

void json_key(struct json_writer *w, const char *key)
{
    before_value(w);
    append_string(w->out, str_from_c(key));
    buf_append_char(w->out, ':');
    w->first = true;
}

void json_put_str(struct json_writer *w, struct str s)
{
    before_value(w);
    append_string(w->out, s);
}

void json_put_int(struct json_writer *w, int64_t v)
{
    before_value(w);
    buf_printf(w->out, "%" PRId64, v);
}

void json_put_double(struct json_writer *w, double v)
{
    if (!isfinite(v)) {
        json_put_null(w);
        return;
    }
    before_value(w);
    buf_printf(w->out, "%.10g", v);
}

void json_put_bool(struct json_writer *w, bool v)
{
    before_value(w);
    buf_append(w->out, v ? STR("true") : STR("false"));
}

void json_put_null(struct json_writer *w)
{
    before_value(w);
    buf_append(w->out, STR("null"));
}

void json_put_raw(struct json_writer *w, struct str text)
{
    before_value(w);
    buf_append(w->out, text.n == 0 ? STR("null") : text);
}

void json_member_str(struct json_writer *w, const char *key, struct str s)
{
    json_key(w, key);
    json_put_str(w, s);
}

void json_member_opt(struct json_writer *w, const char *key, struct str s)
{
    json_key(w, key);
    if (s.n == 0)
        json_put_null(w);
    else
        json_put_str(w, s);
}

void json_member_int(struct json_writer *w, const char *key, int64_t v)
{
    json_key(w, key);
    json_put_int(w, v);
}

void json_member_double(struct json_writer *w, const char *key, double v)
{
    json_key(w, key);
    json_put_double(w, v);
}

void json_member_bool(struct json_writer *w, const char *key, bool v)
{
    json_key(w, key);
    json_put_bool(w, v);
}

void json_member_null(struct json_writer *w, const char *key)
{
    json_key(w, key);
    json_put_null(w);
}

void json_member_raw(struct json_writer *w, const char *key, struct str text)
{
    json_key(w, key);
    json_put_raw(w, text);
}

void json_member_lines(struct json_writer *w, const char *key, struct str lines)
{
    struct str line;
    json_key(w, key);
    json_begin_array(w);
    while (lines.n > 0) {
        (void)str_cut(lines, '\n', &line, &lines);
        if (line.n > 0)
            json_put_raw(w, line);
    }
    json_end_array(w);
}
