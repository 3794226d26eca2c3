#include <ctype.h>

#include "base/crypto.h"
#include "base/timestamp.h"

#include "exports/export.h"

enum { TITLE_BYTES = 48, DAY_BYTES = 10, MINUTE_BYTES = 16, TAIL = 8 };

struct str export_title(const struct store_session *s)
{
    if (s->title.n > 0)
        return s->title;
    return s->first_query.n > 0 ? s->first_query : STR("Chat");
}

/* "2026-01-02 03:04" */
static void put_minute(struct buf *out, int64_t us)
{
    char text[TIMESTAMP_SIZE];
    timestamp_format(us, text);
    text[DAY_BYTES] = ' ';
    buf_append(out, (struct str){text, MINUTE_BYTES});
}

/* Text of one line. */
static void put_line(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        buf_append_char(out, (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i]);
}

void export_markdown_chat(struct buf *out, const struct store_session *s)
{
    buf_append(out, STR("# "));
    put_line(out, export_title(s));
    buf_append(out, STR("\n\n"));
    put_minute(out, s->created_at_us);
    buf_append(out, STR(" to "));
    put_minute(out, s->timestamp_us);
    buf_append(out, STR(" UTC\n"));
}

/* "## Answer (m-1), 2026-01-02 03:04" */
static void put_heading(struct buf *out, const struct store_message *m)
{
    bool user = m->role == STORE_ROLE_USER;
    buf_append(out, user ? STR("\n## Question") : STR("\n## Answer"));
    if (!user && m->model.n > 0) {
        buf_append(out, STR(" ("));
        put_line(out, m->model);
        buf_append_char(out, ')');
    }
    if (m->timestamp_us != 0) {
        buf_append(out, STR(", "));
        put_minute(out, m->timestamp_us);
    }
    buf_append(out, STR("\n\n"));
}

static void put_reasoning(struct buf *out, struct str reasoning)
{
    if (reasoning.n == 0)
        return;
    const struct str end = STR("</details");
    export_markdown_fold(out, "Thinking", STR(""));
    for (size_t at; reasoning.n > 0;
         reasoning = str_sub(reasoning, at + end.n, reasoning.n)) {
        at = str_find(reasoning, end);
        buf_append(out, str_sub(reasoning, 0, at));
        if (at < reasoning.n)
            buf_append(out, STR("&lt;/details"));
    }
    export_markdown_fold_end(out);
}

void export_markdown_message(struct buf *out, const struct store_message *m)
{
    put_heading(out, m);
    put_reasoning(out, m->reasoning);
    export_markdown_parts(out, m->parts);
    buf_append(out, m->content);
    if (!str_ends_with(m->content, STR("\n")))
        buf_append_char(out, '\n');
    export_markdown_sources(out, m->sources);
    if (m->status != STORE_COMPLETE)
        buf_printf(out, "\n*%s%s%.*s*\n", store_status_name(m->status),
            m->error_message.n > 0 ? ": " : "", STR_ARG(m->error_message));
    if (m->rating != STORE_RATING_NONE)
        buf_printf(out, "\n*rated %s*\n", store_rating_name(m->rating));
}

/* Letters and digits of ASCII; whatever stands between them is one "-". */
static void put_slug(struct buf *out, struct str text, size_t max)
{
    bool gap = false;
    size_t put = 0;
    for (size_t i = 0; i < text.n && put < max; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c > 127 || !isalnum(c)) {
            gap = put > 0;
            continue;
        }
        if (gap)
            buf_append_char(out, '-');
        buf_append_char(out, (char)tolower(c));
        put += gap ? 2 : 1;
        gap = false;
    }
}

/* The same for the same text, another for another. */
static void put_tail(struct buf *out, struct str text)
{
    char hex[CRYPTO_SHA256_HEX_SIZE];
    crypto_sha256_hex(text, hex);
    buf_append(out, (struct str){hex, TAIL});
}

void export_name(struct buf *out, const struct store_session *s)
{
    char day[TIMESTAMP_SIZE];
    timestamp_format(s->created_at_us, day);
    buf_append(out, (struct str){day, DAY_BYTES});
    buf_append_char(out, '-');
    size_t before = out->n;
    put_slug(out, export_title(s), TITLE_BYTES);
    if (out->n > before)
        buf_append_char(out, '-');
    put_tail(out, s->session_id);
}

void export_markdown_folder(struct buf *out, struct str user_id)
{
    size_t before = out->n;
    put_slug(out, user_id, TITLE_BYTES);
    if (out->n > before)
        buf_append_char(out, '-');
    put_tail(out, user_id);
}
