#include <string.h>

#include "store/news.h"

#include "store/postgres/engine.h"

/*
 * What a batch tells the other processes: NOTIFY on a channel named after the
 * schema, in the transaction, so that it is told when and only when that is
 * committed. One statement for all, which nobody waits for.
 *
 *     r:MESSAGE  the log of a reply that somebody watches has grown or ended
 *     s:MESSAGE  it is to be stopped
 *     c:USER     there are changes
 *     a          look at everything
 */

enum {
    MAX_TOLD = 1 << 20, /* bytes of a batch's ids; beyond it is all one */
    MAX_ID = 1000,      /* a payload must have less than 8,000 bytes */
    SEPARATOR = '\x1f',
};

static const struct sql TELL = SQL_EACH(NULL,
    "SELECT pg_notify(current_schema(), told)"
    " FROM unnest(string_to_array($1, chr(31))) told"
    " UNION ALL SELECT pg_notify(current_schema(), 'r:' || l.message_id)"
    " FROM reply_logs l WHERE l.watched = 1"
    " AND l.message_id = ANY(string_to_array($2, chr(31)))");

/* Lists of what to tell, separated. */
struct told {
    struct buf always;
    struct buf replies; /* ids, of which those that are watched count */
    bool all;
};

static void add(struct buf *list, struct str prefix, struct str id)
{
    if (list->n > 0)
        buf_append_char(list, SEPARATOR);
    buf_append(list, prefix);
    buf_append(list, id);
}

static void add_news(void *ctx, enum store_news kind, struct str id)
{
    struct told *told = ctx;
    if (id.n > MAX_ID || (id.n > 0 && memchr(id.p, SEPARATOR, id.n) != NULL)) {
        told->all = true;
        return;
    }
    switch (kind) {
    case STORE_NEWS_REPLY:
        add(&told->replies, STR(""), id);
        break;
    case STORE_NEWS_STOP:
        add(&told->always, STR("s:"), id);
        break;
    case STORE_NEWS_CHANGES:
        add(&told->always, STR("c:"), id);
        break;
    case STORE_NEWS_OUTBOX: /* its own process sends it */
        break;
    case STORE_NEWS_ALL:
        told->all = true;
        break;
    }
}

enum rc pg_notify(struct pg *pg, struct list *batch)
{
    struct told told = {0};
    enum rc rc = RC_OK;
    buf_init(&told.always, MAX_TOLD);
    buf_init(&told.replies, MAX_TOLD);
    LIST_EACH(node, batch)
    news_of(LIST_ITEM(node, struct store_op, link_), add_news, &told);
    if (!buf_ok(&told.always) || !buf_ok(&told.replies))
        told.all = true;
    if (told.all || told.always.n > 0 || told.replies.n > 0) {
        struct query q = query_start(&pg->db, &TELL);
        query_text(&q, told.all ? STR("a") : buf_str(&told.always));
        query_given(&q, told.all ? STR("") : buf_str(&told.replies));
        rc = query_defer(&q);
    }
    buf_release(&told.always);
    buf_release(&told.replies);
    return rc;
}
