#include <inttypes.h>

#include "base/crypto.h"
#include "base/id.h"
#include "base/timestamp.h"

#include "store/sql/verbs.h"

/*
 * Chats as trees, read whole and taken in: for export, restore and import.
 * What hangs on a variant that is not shown is hidden, whatever is given.
 */
enum { PAGE_BYTES = 16 << 20 }; /* of one READ_PLACES, and one place more */

static const struct sql SQL_CHAT =
    SQL("SELECT " SESSION_COLUMNS " FROM sessions s"
        " WHERE s.session_id = $1 AND s.user_id = $2");
static const struct sql SQL_DELETED =
    SQL("SELECT deleted_at FROM sessions WHERE session_id = $1");
#define PLACES                                                                 \
    " FROM messages m WHERE m.session_id = $1 AND m.user_id = $2"              \
    " AND m.position > $3 ORDER BY m.position LIMIT $4"
static const struct sql SQL_PLACES = SQL("SELECT " MESSAGE_COLUMNS PLACES);
static const struct sql SQL_TREE =
    SQL("SELECT m.position, m.variant, m.variants, m.hidden,"
        " m.parent_variant" PLACES);
static const struct sql SQL_OTHERS =
    SQL("SELECT v.variant, v.content, v.reasoning, v.model, v.timestamp,"
        " v.sources, v.metrics, v.status, v.error_code, v.error_message,"
        " v.finish_reason, v.trace_id, " RATED(
            "v") ", v.last_sequence, v.parts"
                 " FROM message_variants v WHERE v.message_id = $1"
                 " AND v.variant <> $2 ORDER BY v.variant");

static const struct sql SQL_OWNER =
    SQL_EACH("SELECT user_id, deleted_at FROM sessions WHERE session_id = $1",
        "SELECT user_id, deleted_at FROM sessions WHERE session_id = $1"
        " FOR UPDATE");
static const struct sql SQL_NEW_CHAT =
    SQL("INSERT INTO sessions(session_id, user_id, user_email, first_query,"
        " title, timestamp, is_active, created_at, updated_us, revision,"
        " pinned, archived, deleted_at, settings, titled) SELECT $1, $2, $3, "
        "$4, $5,"
        " $6, CAST($7 AS INTEGER), $8, CAST($9 AS BIGINT), 1,"
        " CAST($10 AS INTEGER), CAST($11 AS INTEGER), $12, $13,"
        " CAST($14 AS INTEGER)");
static const struct sql SQL_REVISE =
    SQL("UPDATE sessions SET revision = revision + 1 WHERE session_id = $1");
static const struct sql SQL_WHERE_IS =
    SQL("SELECT user_id, session_id, variant, variants, hidden FROM messages"
        " WHERE message_id = $1");
static const struct sql SQL_END =
    SQL("SELECT coalesce(max(position), 0) FROM messages"
        " WHERE session_id = $1");
/* What a place and a variant beside it have in common comes last. */
#define TEXT_COLUMNS                                                           \
    "content, model, timestamp, sources, metrics, status, reasoning,"          \
    " error_code, error_message, finish_reason, trace_id, last_sequence,"      \
    " parts"
static const struct sql SQL_PLACE =
    SQL("INSERT INTO messages(message_id, session_id, user_id, role,"
        " created_at, parent_id, position, variant, variants, parent_variant,"
        " hidden, node, " TEXT_COLUMNS ") VALUES($1, $2, $3, $4, $5, $6, $7,"
        " $8, $9, $10, $11, '', $12, $13, $14, $15, $16, $17, $18, $19, $20,"
        " $21, $22, $23, $24)");
static const struct sql SQL_OTHER =
    SQL("INSERT INTO message_variants(message_id, variant, user_id,"
        " replaced_at, rating, reasons, comment, " TEXT_COLUMNS ")"
        " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
        " $15, $16, $17, $18, $19, $20)");
static const struct sql SQL_RATING =
    SQL("INSERT INTO message_ratings(message_id, user_id, session_id, rating,"
        " created_at, reasons, comment) VALUES($1, $2, $3, $4, $5, $6, $7)");

/* ---- Reading ---- */

static enum rc read_chat(struct db *db, struct store_op *op)
{
    struct store_read_places *r = &op->read_places;
    bool found = false;
    struct query q = query_start(db, &SQL_CHAT);
    query_text(&q, r->session_id);
    query_text(&q, op->user_id);
    if (query_row(&q)) {
        found = true;
        r->session = session_of(&q, op->arena);
    }
    enum rc rc = query_end(&q);
    if (rc != RC_OK)
        return rc;
    q = query_start(db, &SQL_DELETED);
    query_text(&q, r->session_id);
    if (query_row(&q) && !query_col_null(&q, 0))
        r->session.deleted_at_us = query_col_time(&q, 0);
    rc = query_end(&q);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

/* What stands at a place beside the variant that is shown. */
static enum rc read_others(
    struct db *db, struct arena *arena, struct store_place *place)
{
    struct store_message *others = NULL;
    size_t count = 0;
    struct query q = query_start(db, &SQL_OTHERS);
    query_text(&q, place->message.message_id);
    query_int(&q, place->message.variant);
    while (query_row(&q)) {
        struct rated rated;
        rated_of(&q, 12, arena, &rated);
        others = array_grow(arena, others, count, sizeof(*others));
        others[count++] = (struct store_message){
            .message_id = place->message.message_id,
            .role = place->message.role,
            .variant = query_col_int(&q, 0),
            .content = query_col_text(&q, 1, arena),
            .reasoning = query_col_text(&q, 2, arena),
            .model = query_col_text(&q, 3, arena),
            .timestamp_us = query_col_time(&q, 4),
            .sources = query_col_text(&q, 5, arena),
            .metrics = query_col_text(&q, 6, arena),
            .status = store_status_parse(query_col_view(&q, 7)),
            .error_code = query_col_text(&q, 8, arena),
            .error_message = query_col_text(&q, 9, arena),
            .finish_reason = query_col_text(&q, 10, arena),
            .trace_id = query_col_text(&q, 11, arena),
            .rating = rated.rating,
            .reasons = rated.reasons,
            .comment = rated.comment,
            .last_sequence = query_col_int(&q, 13),
            .parts = query_col_text(&q, 14, arena),
        };
    }
    place->others = others;
    place->other_count = count;
    return query_end(&q);
}

static struct query start_page(
    struct db *db, const struct store_op *op, const struct sql *sql)
{
    const struct store_read_places *r = &op->read_places;
    struct query q = query_start(db, sql);
    query_text(&q, r->session_id);
    query_text(&q, op->user_id);
    query_int(&q, r->after);
    query_int(&q, (int64_t)r->limit + 1);
    return q;
}

/* The messages, and how they hang together: the same rows twice. */
static enum rc read_page(struct db *db, struct store_op *op)
{
    struct store_read_places *r = &op->read_places;
    int64_t last = r->after;
    struct query q = start_page(db, op, &SQL_PLACES);
    struct query tree = start_page(db, op, &SQL_TREE);
    while (query_row(&q) && query_row(&tree)) {
        if (r->count == r->limit ||
            (r->count > 0 && arena_used(op->arena) > PAGE_BYTES)) {
            r->next = last;
            break;
        }
        struct store_place *place = &r->places[r->count++];
        *place = (struct store_place){.message = message_of(&q, op->arena)};
        last = query_col_int(&tree, 0);
        place->message.variant = query_col_int(&tree, 1);
        place->message.variants = query_col_int(&tree, 2);
        place->message.hidden = query_col_int(&tree, 3) != 0;
        place->parent_variant = query_col_int(&tree, 4);
    }
    enum rc rc = query_end(&q), ended = query_end(&tree);
    return rc == RC_OK ? ended : rc;
}

enum rc verb_read_places(struct db *db, struct store_op *op)
{
    struct store_read_places *r = &op->read_places;
    r->count = 0;
    r->next = 0;
    r->places = arena_alloc(op->arena, r->limit * sizeof(*r->places));
    enum rc rc = read_chat(db, op);
    if (rc == RC_OK)
        rc = read_page(db, op);
    for (size_t i = 0; rc == RC_OK && i < r->count; i++) {
        rc = add_live_text(db, op->arena, &r->places[i].message);
        if (rc == RC_OK && r->places[i].message.variants > 1)
            rc = read_others(db, op->arena, &r->places[i]);
    }
    return rc;
}

/* ---- Taking in ---- */

/* A message as it stands in the database. */
struct standing {
    bool there; /* the caller's, in this chat */
    bool taken; /* somebody has this id, and not so */
    int64_t variant, variants;
    bool hidden;
};

/* What an import knows while it goes through the places. */
struct intake {
    struct db *db;
    struct store_op *op;
    struct str given_before, before; /* ids of the place before: given, used */
    struct standing standing_before;
    int64_t position;
    char now[TIMESTAMP_SIZE];
};

/* The id that takes the place of one that is taken; always the same. */
static struct str other_id(struct store_op *op, struct str chat, struct str id)
{
    char hex[CRYPTO_SHA256_HEX_SIZE];
    struct str all =
        arena_printf(op->arena, "%zu:%.*s%zu:%.*s%.*s", op->user_id.n,
            STR_ARG(op->user_id), chat.n, STR_ARG(chat), STR_ARG(id));
    crypto_sha256_hex(all, hex);
    return arena_printf(op->arena, "%.8s-%.4s-8%.3s-a%.3s-%.12s", hex, hex + 8,
        hex + 13, hex + 17, hex + 20);
}

enum chat_state { CHAT_ABSENT, CHAT_THERE, CHAT_OTHERS };

static enum rc find_chat(struct db *db, struct store_op *op, struct str id,
    enum chat_state *ret_state)
{
    struct store_import_chat *i = &op->import_chat;
    enum chat_state state = CHAT_ABSENT;
    struct query q = query_start(db, &SQL_OWNER);
    query_text(&q, id);
    if (query_row(&q)) {
        bool ours = str_eq(query_col_view(&q, 0), op->user_id);
        state = ours ? CHAT_THERE : CHAT_OTHERS;
        i->in_trash = ours && !query_col_null(&q, 1);
    }
    enum rc rc = query_end(&q);
    if (rc == RC_OK)
        *ret_state = state;
    return rc;
}

static enum rc make_chat(struct db *db, struct store_op *op)
{
    struct store_import_chat *i = &op->import_chat;
    const struct store_session *s = &i->session;
    char time[TIMESTAMP_SIZE], created[TIMESTAMP_SIZE], gone[TIMESTAMP_SIZE];
    struct query q = query_start(db, &SQL_NEW_CHAT);
    query_text(&q, i->session_id);
    query_text(&q, op->user_id);
    query_text(&q, s->user_email);
    query_text(&q, s->first_query);
    query_text(&q, s->title);
    query_time(&q, s->timestamp_us, time);
    query_bool(&q, s->is_active);
    query_time(&q, s->created_at_us, created);
    query_int(&q, s->timestamp_us);
    query_bool(&q, s->pinned);
    query_bool(&q, s->archived);
    if (s->deleted_at_us != 0)
        query_time(&q, s->deleted_at_us, gone);
    else
        query_text(&q, (struct str){0});
    query_text(&q, s->settings);
    query_bool(&q, s->title.n > 0);
    i->created = true;
    i->in_trash = s->deleted_at_us != 0;
    return query_run(&q);
}

/* Finds the chat or makes it, under its own id or the one instead. */
static enum rc settle_chat(struct db *db, struct store_op *op)
{
    struct store_import_chat *i = &op->import_chat;
    enum chat_state state = CHAT_OTHERS;
    i->session_id = i->session.session_id;
    i->created = false;
    enum rc rc = find_chat(db, op, i->session_id, &state);
    if (rc == RC_OK && state == CHAT_OTHERS) {
        i->session_id = other_id(op, STR(""), i->session_id);
        rc = find_chat(db, op, i->session_id, &state);
    }
    if (rc != RC_OK || state == CHAT_THERE)
        return rc;
    return state == CHAT_OTHERS ? RC_CONFLICT : make_chat(db, op);
}

static enum rc look_up(struct intake *in, struct str id, struct standing *ret)
{
    struct standing s = {0};
    struct query q = query_start(in->db, &SQL_WHERE_IS);
    query_text(&q, id);
    if (query_row(&q)) {
        s.there = str_eq(query_col_view(&q, 0), in->op->user_id) &&
                  str_eq(query_col_view(&q, 1), in->op->import_chat.session_id);
        s.taken = !s.there;
        s.variant = query_col_int(&q, 2);
        s.variants = query_col_int(&q, 3);
        s.hidden = query_col_int(&q, 4) != 0;
    }
    enum rc rc = query_end(&q);
    if (rc == RC_OK)
        *ret = s;
    return rc;
}

/* The id under which a message is or will be here. */
static enum rc settle_message(
    struct intake *in, struct str *id, struct standing *ret)
{
    enum rc rc = look_up(in, *id, ret);
    if (rc != RC_OK || !ret->taken)
        return rc;
    *id = other_id(in->op, in->op->import_chat.session_id, *id);
    rc = look_up(in, *id, ret);
    return rc == RC_OK && ret->taken ? RC_CONFLICT : rc;
}

/* The parent as it is here; absent at the root of the tree. */
static enum rc find_parent(struct intake *in, const struct store_place *place,
    struct str *ret_id, struct standing *ret)
{
    struct str id = place->message.parent_id;
    enum rc rc = RC_OK;
    *ret_id = in->before;
    *ret = in->standing_before;
    if (id.n == 0 || str_eq(id, in->given_before))
        return RC_OK;
    struct standing s = {0};
    rc = settle_message(in, &id, &s);
    if (rc == RC_OK && s.there) {
        *ret_id = id;
        *ret = s;
    }
    return rc;
}

/* The values of TEXT_COLUMNS; `time` lives until the query has run. */
static void put_text(
    struct query *q, const struct store_message *m, char time[])
{
    query_given(q, m->content);
    query_text(q, m->model);
    query_time(q, m->timestamp_us, time);
    query_text(q, m->sources);
    query_text(q, m->metrics);
    query_text(q, str_from_c(store_status_name(m->status)));
    query_text(q, m->reasoning);
    query_text(q, m->error_code);
    query_text(q, m->error_message);
    query_text(q, m->finish_reason);
    query_text(q, m->trace_id);
    query_int(q, m->last_sequence);
    query_text(q, m->parts);
}

static enum rc put_other(
    struct intake *in, struct str id, const struct store_message *m)
{
    char time[TIMESTAMP_SIZE];
    const char *rating = store_rating_name(m->rating);
    struct query q = query_start(in->db, &SQL_OTHER);
    query_text(&q, id);
    query_int(&q, m->variant);
    query_text(&q, in->op->user_id);
    query_text(&q, str_from_c(in->now));
    query_text(&q, rating == NULL ? (struct str){0} : str_from_c(rating));
    query_text(&q, m->reasons);
    query_text(&q, m->comment);
    put_text(&q, m, time);
    return query_defer(&q);
}

static enum rc put_rating(
    struct intake *in, struct str id, const struct store_message *m)
{
    if (m->rating == STORE_RATING_NONE)
        return RC_OK;
    struct query q = query_start(in->db, &SQL_RATING);
    query_text(&q, id);
    query_text(&q, in->op->user_id);
    query_text(&q, in->op->import_chat.session_id);
    query_text(&q, str_from_c(store_rating_name(m->rating)));
    query_text(&q, str_from_c(in->now));
    query_text(&q, m->reasons);
    query_text(&q, m->comment);
    return query_defer(&q);
}

struct new_place {
    const struct store_place *place;
    struct str id, parent_id;
    int64_t parent_variant;
    bool hidden;
};

static enum rc put_message(struct intake *in, const struct new_place *n)
{
    char time[TIMESTAMP_SIZE], created[TIMESTAMP_SIZE];
    const struct store_message *m = &n->place->message;
    struct query q = query_start(in->db, &SQL_PLACE);
    query_text(&q, n->id);
    query_text(&q, in->op->import_chat.session_id);
    query_text(&q, in->op->user_id);
    query_text(&q, str_from_c(store_role_name(m->role)));
    query_time(&q, m->created_at_us, created);
    query_text(&q, n->parent_id);
    query_int(&q, ++in->position);
    query_int(&q, m->variant);
    query_int(&q, m->variants);
    query_int(&q, n->parent_variant);
    query_bool(&q, n->hidden);
    put_text(&q, m, time);
    enum rc rc = query_defer(&q);
    if (rc == RC_OK)
        rc = put_rating(in, n->id, m);
    for (size_t i = 0; rc == RC_OK && i < n->place->other_count; i++)
        rc = put_other(in, n->id, &n->place->others[i]);
    return rc;
}

/* Numbers 1 to n, each once, and nothing that goes on. */
static bool is_whole(const struct store_place *place)
{
    const struct store_message *m = &place->message;
    int64_t count = 1 + (int64_t)place->other_count, next = 1;
    if (m->status == STORE_STREAMING || m->message_id.n == 0 ||
        m->variants != count || m->variant < 1 || m->variant > count)
        return false;
    for (size_t i = 0; i < place->other_count; i++) {
        const struct store_message *other = &place->others[i];
        next += next == m->variant;
        if (other->status == STORE_STREAMING || other->variant != next++)
            return false;
    }
    return true;
}

static enum rc take_in(struct intake *in, const struct store_place *place)
{
    struct store_import_chat *i = &in->op->import_chat;
    struct new_place n = {.place = place, .id = place->message.message_id};
    struct standing here = {0}, parent = {0};
    if (!is_whole(place))
        return RC_INVALID;
    enum rc rc = settle_message(in, &n.id, &here);
    if (rc == RC_OK && here.there) {
        i->present++;
    } else if (rc == RC_OK) {
        rc = find_parent(in, place, &n.parent_id, &parent);
        bool known = place->parent_variant >= 1 &&
                     place->parent_variant <= parent.variants;
        n.parent_variant = n.parent_id.p == NULL ? 1
                           : known               ? place->parent_variant
                                                 : parent.variant;
        n.hidden = n.parent_id.p != NULL &&
                   (parent.hidden || n.parent_variant != parent.variant);
        if (rc == RC_OK)
            rc = put_message(in, &n);
        here = (struct standing){.there = true,
            .variant = place->message.variant,
            .variants = place->message.variants,
            .hidden = n.hidden};
        i->added++;
    }
    in->given_before = place->message.message_id;
    in->before = n.id;
    in->standing_before = here;
    return rc;
}

static enum rc find_end(struct intake *in)
{
    struct query q = query_start(in->db, &SQL_END);
    query_text(&q, in->op->import_chat.session_id);
    if (query_row(&q))
        in->position = query_col_int(&q, 0);
    return query_end(&q);
}

enum rc verb_import_chat(struct db *db, struct store_op *op)
{
    struct store_import_chat *i = &op->import_chat;
    struct intake in = {.db = db, .op = op};
    timestamp_format(i->now_us, in.now);
    i->added = i->present = 0;
    enum rc rc = settle_chat(db, op);
    if (rc == RC_OK)
        rc = find_end(&in);
    for (size_t k = 0; rc == RC_OK && k < i->count; k++)
        rc = take_in(&in, &i->places[k]);
    if (rc != RC_OK || (i->added == 0 && !i->created))
        return rc;
    if (!i->created) {
        struct query q = query_start(db, &SQL_REVISE);
        query_text(&q, i->session_id);
        rc = query_defer(&q);
    }
    if (rc == RC_OK)
        rc = changes_add(
            db, op, STORE_CHANGE_CHAT, i->session_id, (struct str){0});
    return rc;
}
