#include "base/buf.h"

#include "store/postgres/engine.h"

/*
 * Whoever changes something of a person's locks the row of that person's feed
 * until the commit. Two processes whose batches are for the same people in
 * another order would each wait for the other; so a batch first locks all it
 * will need, in one order.
 */

enum { MAX_LITERAL = 1 << 20 };

static const struct sql SQL_LOCK =
    SQL("SELECT 1 FROM feeds WHERE user_id = ANY($1::text[])"
        " ORDER BY user_id FOR NO KEY UPDATE");

/* An element of an array's literal: in quotes, with those inside escaped. */
static void put_element(struct buf *out, struct str s)
{
    buf_append(out, out->n == 0 ? STR("{\"") : STR(",\""));
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_append_char(out, '\\');
        buf_append_char(out, s.p[i]);
    }
    buf_append_char(out, '"');
}

/* The people of a batch as a literal; false when there is at most one. */
static bool collect(struct list *batch, struct buf *out)
{
    struct str last = {0};
    bool several = false;
    LIST_EACH(node, batch)
    {
        struct str owner = LIST_ITEM(node, struct store_op, link_)->user_id;
        if (owner.n == 0 || str_eq(owner, last))
            continue;
        several |= last.n > 0;
        put_element(out, owner);
        last = owner;
    }
    buf_append_char(out, '}');
    return several && buf_ok(out);
}

enum rc pg_lock_people(struct pg *pg, struct list *batch)
{
    struct buf people;
    enum rc rc = RC_OK;
    buf_init(&people, MAX_LITERAL);
    if (collect(batch, &people)) {
        struct query q = query_start(&pg->db, &SQL_LOCK);
        query_text(&q, buf_str(&people));
        rc = query_defer(&q);
    }
    buf_release(&people);
    return rc;
}
