#include "base/buf.h"
#include "base/num.h"

#include "store/sql/verbs.h"

/*
 * Many events of a log in one row: their texts one behind the other, the
 * number of the last one, and in the column `marks` where each ends.
 *
 *     2=8 5 7,3 9=,,40    event 2: 8 bytes of text; 3: 5 bytes of text;
 *                         4: 7 bytes of text and 3 of reasoning;
 *                         9: 40 bytes of parts
 *
 * Numbers follow each other where none is given. What is not given at all is
 * absent; what is empty has the length 0.
 */
enum { MAX_MARKS = 64 << 20 };

static const struct sql APPEND_PACK =
    SQL("INSERT INTO reply_events(reply, sequence, payload, text_delta,"
        " reasoning_delta, marks) SELECT reply, $2, $3, $4, $5, $6"
        " FROM reply_logs WHERE message_id = $1 AND finished_us IS NULL"
        " ON CONFLICT DO NOTHING");
static const struct sql OPEN_LOG =
    SQL("SELECT m.variant, m.start_sequence, coalesce((SELECT max(e.sequence)"
        "  FROM reply_events e WHERE e.reply = l.reply), 0)"
        " FROM reply_logs l JOIN messages m ON m.message_id = l.message_id"
        " WHERE l.message_id = $1 AND l.finished_us IS NULL");

enum rc log_find_open(
    struct db *db, struct str message_id, struct log_place *ret)
{
    bool found = false;
    struct query q = query_start(db, &OPEN_LOG);
    query_text(&q, message_id);
    if (query_row(&q)) {
        found = true;
        *ret = (struct log_place){
            query_col_int(&q, 0), query_col_int(&q, 1), query_col_int(&q, 2)};
    }
    enum rc rc = query_end(&q);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

/* ---- Writing ---- */

static void put_length(struct buf *out, bool present, uint32_t n)
{
    if (present)
        buf_append_number(out, n);
}

static void put_mark(
    struct buf *out, const struct log_mark *last, const struct log_mark *m)
{
    if (out->n > 0)
        buf_append_char(out, ' ');
    if (m->sequence != last->sequence + 1 || out->n == 0) {
        buf_append_number(out, (uint64_t)m->sequence);
        buf_append_char(out, '=');
    }
    put_length(out, m->has_text, m->text_end - last->text_end);
    if (m->has_reasoning || m->has_parts)
        buf_append_char(out, ',');
    put_length(out, m->has_reasoning, m->reasoning_end - last->reasoning_end);
    if (m->has_parts)
        buf_append_char(out, ',');
    put_length(out, m->has_parts, m->parts_end - last->parts_end);
}

enum rc log_append_pack(struct db *db, const struct log_pack *pack)
{
    struct buf marks;
    struct log_mark last = {0};
    buf_init(&marks, MAX_MARKS);
    for (size_t i = 0; i < pack->count; i++) {
        put_mark(&marks, &last, &pack->marks[i]);
        last = pack->marks[i];
    }
    struct query q = query_start(db, &APPEND_PACK);
    query_text(&q, pack->message_id);
    query_int(&q, last.sequence);
    query_text(&q, pack->parts);
    query_text(&q, pack->text);
    query_text(&q, pack->reasoning);
    query_text(&q, buf_str(&marks));
    enum rc rc = query_defer(&q);
    if (rc == RC_OK && !buf_ok(&marks))
        rc = RC_TOO_LARGE;
    buf_release(&marks);
    return rc;
}

/* ---- Reading ---- */

void pack_begin(
    struct pack_reader *r, const struct store_event *row, struct str marks)
{
    *r = (struct pack_reader){.row = *row, .marks = marks};
}

/* A length and the bytes that it is the length of. */
static bool take_piece(
    struct str number, struct str from, size_t *at, struct str *ret)
{
    int64_t n = 0;
    *ret = (struct str){0};
    if (number.n == 0)
        return true;
    if (*at > from.n ||
        num_parse_i64(number, 0, (int64_t)(from.n - *at), &n) != RC_OK)
        return false;
    *ret = from.n > 0 ? str_sub(from, *at, (size_t)n) : STR("");
    *at += (size_t)n;
    return true;
}

static bool take_mark(struct pack_reader *r, struct store_event *ret)
{
    struct str mark, number, text, reasoning, parts;
    int64_t sequence = r->sequence + 1;
    str_cut(r->marks, ' ', &mark, &r->marks);
    if (str_find_char(mark, '=') < mark.n) {
        str_cut(mark, '=', &number, &mark);
        if (num_parse_i64(number, sequence, INT64_MAX, &sequence) != RC_OK)
            return false;
    }
    str_cut(mark, ',', &text, &parts);
    str_cut(parts, ',', &reasoning, &parts);
    ret->message_id = r->row.message_id;
    ret->sequence = r->sequence = sequence;
    return take_piece(text, r->row.text_delta, &r->text_at, &ret->text_delta) &&
           take_piece(reasoning, r->row.reasoning_delta, &r->reasoning_at,
               &ret->reasoning_delta) &&
           take_piece(parts, r->row.payload, &r->parts_at, &ret->payload);
}

enum rc pack_next(struct pack_reader *r, struct store_event *ret)
{
    if (r->over)
        return RC_NOT_FOUND;
    if (r->marks.p == NULL) {
        *ret = r->row;
        r->over = true;
        return RC_OK;
    }
    if (!take_mark(r, ret))
        return RC_CORRUPT;
    r->over = r->marks.n == 0;
    bool whole = ret->sequence == r->row.sequence &&
                 r->text_at == r->row.text_delta.n &&
                 r->reasoning_at == r->row.reasoning_delta.n &&
                 r->parts_at == r->row.payload.n;
    return r->over && !whole ? RC_CORRUPT : RC_OK;
}
