#include "store/sql/verbs.h"

/* Rated replies with what led to them, read for evaluation. */

enum { PAGE_BYTES = 16 << 20 }; /* and one reply more */

/* Keys are compared by bytes, whatever a column's collation. */
#define SHOWN(id)                                                              \
    "SELECT " MESSAGE_COLUMNS ", s.user_email, r.created_at"                   \
    " FROM message_ratings r JOIN messages m ON m.message_id = r.message_id"   \
    "  AND m.user_id = r.user_id AND m.role = 'assistant'"                     \
    " JOIN sessions s ON s.session_id = m.session_id"                          \
    "  AND s.deleted_at IS NULL"                                               \
    " WHERE r.rating IS NOT NULL AND " id " > $1 ORDER BY " id " LIMIT $2"
static const struct sql SHOWN_ONES =
    SQL_EACH(SHOWN("r.message_id"), SHOWN("r.message_id COLLATE \"C\""));
#define OTHERS(id)                                                             \
    "SELECT " VARIANT_COLUMNS ", s.user_email, coalesce(v.rated_at,"           \
    " v.replaced_at) FROM message_variants v"                                  \
    " JOIN messages m ON m.message_id = v.message_id AND m.role = 'assistant'" \
    " JOIN sessions s ON s.session_id = m.session_id"                          \
    "  AND s.deleted_at IS NULL"                                               \
    " WHERE v.rating IS NOT NULL AND " id " >= $1"                             \
    " AND (" id " > $1 OR v.variant > $3) ORDER BY " id ", v.variant LIMIT $2"
static const struct sql OTHER_ONES =
    SQL_EACH(OTHERS("v.message_id"), OTHERS("v.message_id COLLATE \"C\""));

/* Nearest first, along the variants on which each hangs. */
static const struct sql PATH = SQL(
    "WITH RECURSIVE path(message_id, variant, depth) AS ("
    " SELECT parent_id, parent_variant, 1 FROM messages"
    "  WHERE message_id = $1 AND parent_id IS NOT NULL"
    " UNION ALL SELECT m.parent_id, m.parent_variant, p.depth + 1"
    "  FROM path p JOIN messages m ON m.message_id = p.message_id"
    "  WHERE m.parent_id IS NOT NULL AND p.depth < $2)"
    " SELECT m.role, coalesce(v.content, m.content),"
    " coalesce(v.status, m.status), CASE WHEN v.status IS NULL"
    "  THEN m.error_code ELSE v.error_code END,"
    " p.message_id FROM path p JOIN messages m ON m.message_id = p.message_id"
    " LEFT JOIN message_variants v ON v.message_id = p.message_id"
    "  AND v.variant = p.variant ORDER BY p.depth");

enum rc verb_list_rated(struct db *db, struct store_op *op)
{
    struct store_list_rated *l = &op->list_rated;
    struct query q = query_start(db, l->others ? &OTHER_ONES : &SHOWN_ONES);
    l->items = NULL;
    l->count = 0;
    l->more = false;
    query_given(&q, l->after);
    query_int(&q, bound_of(l->limit));
    if (l->others)
        query_int(&q, l->after_variant);
    while (query_row(&q)) {
        l->more = l->count == l->limit ||
                  (l->count > 0 && arena_used(op->arena) > PAGE_BYTES);
        if (l->more)
            break;
        l->items = array_grow(op->arena, l->items, l->count, sizeof(*l->items));
        l->items[l->count++] = (struct store_rated){
            .message = message_of(&q, op->arena),
            .user_email = query_col_text(&q, MESSAGE_COLUMN_COUNT, op->arena),
            .rated_us = query_col_time(&q, MESSAGE_COLUMN_COUNT + 1),
        };
    }
    return query_end(&q);
}

/* A question whose reply was refused for what it says is not told. */
static bool is_poison(struct str error_code)
{
    return str_eq(error_code, STR("content_blocked")) ||
           str_eq(error_code, STR("context_too_long"));
}

static void add_said(
    struct store_op *op, enum store_role role, const struct query *q)
{
    struct store_read_path *p = &op->read_path;
    p->messages =
        array_grow(op->arena, p->messages, p->count, sizeof(*p->messages));
    p->messages[p->count++] = (struct store_context_message){
        .message_id = query_col_text(q, 4, op->arena),
        .role = role,
        .content = query_col_text(q, 1, op->arena)};
}

enum rc verb_read_path(struct db *db, struct store_op *op)
{
    struct store_read_path *p = &op->read_path;
    size_t bytes = 0, rows = 0, most = 2 * p->max_messages;
    bool poison = false;
    p->messages = NULL;
    p->count = 0;
    p->truncated = false;
    struct query q = query_start(db, &PATH);
    query_text(&q, p->message_id);
    query_int(&q, (int64_t)most + 1);
    while (!p->truncated && query_row(&q)) {
        enum store_role role = store_role_parse(query_col_view(&q, 0));
        enum store_status status = store_status_parse(query_col_view(&q, 2));
        size_t n = query_col_view(&q, 1).n;
        bool told = n > 0 && !poison && status != STORE_FAILED &&
                    status != STORE_STREAMING;
        poison = status == STORE_FAILED && is_poison(query_col_view(&q, 3));
        p->truncated = rows++ == most;
        if (!told || p->truncated)
            continue;
        p->truncated = p->count == p->max_messages || n > p->max_bytes - bytes;
        if (!p->truncated)
            add_said(op, role, &q);
        bytes += n;
    }
    context_reverse(p->messages, p->count);
    return query_end(&q);
}
