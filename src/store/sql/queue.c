#include "store/sql/verbs.h"

/*
 * Messages that wait until the chat's reply has ended. `place` is an order,
 * not a number: it may have gaps.
 */

static const struct sql IS_OURS =
    SQL("SELECT 1 FROM sessions WHERE session_id = $1 AND user_id = $2"
        " AND deleted_at IS NULL");
static const struct sql LIST =
    SQL("SELECT queue_id, session_id, content, settings, created_us, user_id"
        " FROM queued_messages WHERE session_id = $1 AND user_id = $2"
        " ORDER BY place, queue_id");
static const struct sql FIRST =
    SQL("SELECT queue_id, session_id, content, settings, created_us, user_id"
        " FROM queued_messages WHERE session_id = $1 AND user_id = $2"
        " ORDER BY place, queue_id LIMIT 1");
static const struct sql ITEM =
    SQL("SELECT queue_id, session_id, content, settings, created_us, user_id"
        " FROM queued_messages WHERE queue_id = $1");
static const struct sql PLACES =
    SQL("SELECT queue_id, place FROM queued_messages WHERE session_id = $1"
        " ORDER BY place, queue_id");
static const struct sql ADD =
    SQL("INSERT INTO queued_messages(queue_id, session_id, user_id, content,"
        " settings, place, created_us) SELECT $1, $2, $3, $4, $5,"
        " coalesce(max(place), 0) + 1, $6 FROM queued_messages"
        " WHERE session_id = $2");
static const struct sql SET_CONTENT =
    SQL("UPDATE queued_messages SET content = $2 WHERE queue_id = $1");
static const struct sql SET_PLACE =
    SQL("UPDATE queued_messages SET place = $2 WHERE queue_id = $1");
static const struct sql REMOVE =
    SQL("DELETE FROM queued_messages WHERE queue_id = $1 AND session_id = $2"
        " AND user_id = $3");

/* Columns as in LIST. */
static struct store_queued item_of(const struct query *q, struct arena *arena)
{
    return (struct store_queued){
        .queue_id = query_col_text(q, 0, arena),
        .session_id = query_col_text(q, 1, arena),
        .content = query_col_text(q, 2, arena),
        .settings = query_col_text(q, 3, arena),
        .created_us = query_col_int(q, 4),
    };
}

/* RC_NOT_FOUND unless the chat is the caller's and not deleted. */
static enum rc must_be_ours(
    struct db *db, struct store_op *op, struct str session_id)
{
    enum ownership owner = NOBODYS;
    enum rc rc = session_owner(db, op, session_id, &owner);
    return rc == RC_OK && owner != OURS ? RC_NOT_FOUND : rc;
}

static enum rc note(struct db *db, struct store_op *op, struct str session_id)
{
    return changes_add(db, op, STORE_CHANGE_QUEUE, session_id, (struct str){0});
}

/* The order of a queue. */
struct order {
    struct str ids[STORE_MAX_QUEUED + 1];
    int64_t places[STORE_MAX_QUEUED + 1];
    size_t count;
};

static enum rc read_order(struct db *db, struct store_op *op,
    struct str session_id, struct order *ret)
{
    struct order o = {0};
    struct query q = query_start(db, &PLACES);
    query_text(&q, session_id);
    while (query_row(&q) && o.count < STORE_MAX_QUEUED) {
        o.ids[o.count] = query_col_text(&q, 0, op->arena);
        o.places[o.count++] = query_col_int(&q, 1);
    }
    enum rc rc = query_end(&q);
    if (rc == RC_OK)
        *ret = o;
    return rc;
}

/* Takes an id out of the order, if it is there. */
static void order_remove(struct order *o, struct str id)
{
    size_t n = 0;
    for (size_t i = 0; i < o->count; i++) {
        if (str_eq(o->ids[i], id))
            continue;
        o->ids[n] = o->ids[i];
        o->places[n++] = o->places[i];
    }
    o->count = n;
}

/* Puts it at a place from 1 on; one that is too large is the end. */
static void order_insert(struct order *o, struct str id, int64_t place)
{
    size_t at = place > (int64_t)o->count ? o->count : (size_t)place - 1;
    for (size_t i = o->count; i > at; i--) {
        o->ids[i] = o->ids[i - 1];
        o->places[i] = o->places[i - 1];
    }
    o->ids[at] = id;
    o->places[at] = 0;
    o->count++;
}

/* Moves an item that is in the table; those whose number is right stay. */
static enum rc move_to(
    struct db *db, struct order *o, struct str id, int64_t place)
{
    enum rc rc = RC_OK;
    order_remove(o, id);
    order_insert(o, id, place);
    for (size_t i = 0; rc == RC_OK && i < o->count; i++) {
        if (o->places[i] == (int64_t)i + 1)
            continue;
        struct query q = query_start(db, &SET_PLACE);
        query_text(&q, o->ids[i]);
        query_int(&q, (int64_t)i + 1);
        rc = query_defer(&q);
    }
    return rc;
}

static enum rc add_item(
    struct db *db, const struct store_op *op, const struct store_queued *item)
{
    struct query q = query_start(db, &ADD);
    query_text(&q, item->queue_id);
    query_text(&q, item->session_id);
    query_text(&q, op->user_id);
    query_given(&q, item->content);
    query_text(&q, item->settings);
    query_int(&q, item->created_us);
    return query_defer(&q);
}

/* A new one, unless that very message was sent meanwhile. */
static enum rc add_new(struct db *db, struct store_op *op)
{
    struct store_queue_put *p = &op->queue_put;
    struct owned_message known = {0};
    struct order order = {0};
    p->stored = p->item;
    p->stored.created_us = p->now_us;
    enum rc rc = whose_message(db, op, p->item.queue_id, &known);
    if (rc != RC_OK)
        return rc;
    if (known.owner != NOBODYS) {
        p->sent =
            known.owner == OURS && str_eq(known.session_id, p->item.session_id);
        return p->sent ? RC_OK : RC_NOT_FOUND;
    }
    rc = read_order(db, op, p->item.session_id, &order);
    if (rc == RC_OK && order.count >= STORE_MAX_QUEUED)
        rc = RC_CONFLICT;
    if (rc == RC_OK)
        rc = add_item(db, op, &p->stored);
    if (rc == RC_OK && p->place > 0 && p->place <= (int64_t)order.count)
        rc = move_to(db, &order, p->item.queue_id, p->place);
    return rc == RC_OK ? note(db, op, p->item.session_id) : rc;
}

/* One that is there, in p->stored. */
static enum rc change(struct db *db, struct store_op *op)
{
    struct store_queue_put *p = &op->queue_put;
    struct order order = {0};
    enum rc rc = RC_OK;
    if (p->set_content) {
        struct query q = query_start(db, &SET_CONTENT);
        query_text(&q, p->item.queue_id);
        query_given(&q, p->item.content);
        p->stored.content = p->item.content;
        rc = query_defer(&q);
    }
    if (rc == RC_OK && p->place > 0) {
        rc = read_order(db, op, p->item.session_id, &order);
        if (rc == RC_OK)
            rc = move_to(db, &order, p->item.queue_id, p->place);
    }
    return rc == RC_OK ? note(db, op, p->item.session_id) : rc;
}

enum rc verb_queue_put(struct db *db, struct store_op *op)
{
    struct store_queue_put *p = &op->queue_put;
    bool found = false, ours = false;
    p->sent = false;
    enum rc rc = must_be_ours(db, op, p->item.session_id);
    if (rc != RC_OK)
        return rc;
    struct query q = query_start(db, &ITEM);
    query_text(&q, p->item.queue_id);
    if (query_row(&q)) {
        found = true;
        ours = str_eq(query_col_view(&q, 5), op->user_id) &&
               str_eq(query_col_view(&q, 1), p->item.session_id);
        p->stored = item_of(&q, op->arena);
    }
    rc = query_end(&q);
    if (rc == RC_OK && (found ? !ours : p->edit))
        rc = RC_NOT_FOUND;
    if (rc != RC_OK)
        return rc;
    return found ? change(db, op) : add_new(db, op);
}

enum rc verb_queue_list(struct db *db, struct store_op *op)
{
    struct store_queue_list *l = &op->queue_list;
    l->items = NULL;
    l->count = 0;
    struct query q = query_start(db, &IS_OURS);
    query_text(&q, l->session_id);
    query_text(&q, op->user_id);
    bool ours = query_row(&q);
    enum rc rc = query_end(&q);
    if (rc != RC_OK || !ours)
        return rc == RC_OK ? RC_NOT_FOUND : rc;
    q = query_start(db, &LIST);
    query_text(&q, l->session_id);
    query_text(&q, op->user_id);
    while (query_row(&q)) {
        l->items = array_grow(op->arena, l->items, l->count, sizeof(*l->items));
        l->items[l->count++] = item_of(&q, op->arena);
    }
    return query_end(&q);
}

static enum rc remove_item(struct db *db, const struct store_op *op,
    const struct store_queued *item, int64_t *ret_removed)
{
    struct query q = query_start(db, &REMOVE);
    query_text(&q, item->queue_id);
    query_text(&q, item->session_id);
    query_text(&q, op->user_id);
    return ret_removed == NULL ? query_defer(&q)
                               : query_run_counted(&q, ret_removed);
}

enum rc verb_queue_delete(struct db *db, struct store_op *op)
{
    const struct store_queue_delete *d = &op->queue_delete;
    struct store_queued item = {
        .queue_id = d->queue_id, .session_id = d->session_id};
    int64_t removed = 0;
    enum rc rc = must_be_ours(db, op, d->session_id);
    if (rc == RC_OK)
        rc = remove_item(db, op, &item, &removed);
    if (rc == RC_OK && removed == 0)
        rc = RC_NOT_FOUND;
    return rc == RC_OK ? note(db, op, d->session_id) : rc;
}

/* The first one that waits; RC_NOT_FOUND when none does. */
static enum rc first_of(struct db *db, struct store_op *op,
    struct str session_id, struct store_queued *ret)
{
    struct store_queued item = {0};
    struct query q = query_start(db, &FIRST);
    query_text(&q, session_id);
    query_text(&q, op->user_id);
    if (query_row(&q))
        item = item_of(&q, op->arena);
    enum rc rc = query_end(&q);
    if (rc == RC_OK && item.queue_id.p == NULL)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        *ret = item;
    return rc;
}

/*
 * Takes the first one out. One whose id is a message of this chat was sent
 * already, by another way; it is dropped. An id that is a message elsewhere
 * is of no use as a message's id: *ret_id is absent then.
 */
static enum rc take_first(struct db *db, struct store_op *op,
    struct store_queued *ret, struct str *ret_id)
{
    const struct str session_id = op->send_queued.session_id;
    for (;;) {
        struct owned_message known = {0};
        enum rc rc = first_of(db, op, session_id, ret);
        if (rc == RC_OK)
            rc = whose_message(db, op, ret->queue_id, &known);
        if (rc == RC_OK)
            rc = remove_item(db, op, ret, NULL);
        if (rc != RC_OK)
            return rc;
        if (known.owner == OURS && str_eq(known.session_id, session_id))
            continue;
        *ret_id = known.owner == NOBODYS ? ret->queue_id : (struct str){0};
        return RC_OK;
    }
}

enum rc verb_send_queued(struct db *db, struct store_op *op)
{
    struct store_send_queued *s = &op->send_queued;
    struct store_queued item = {0};
    struct str id = {0};
    s->streaming_id = (struct str){0};
    enum rc rc = must_be_ours(db, op, s->session_id);
    if (rc == RC_OK)
        rc = take_first(db, op, &item, &id);
    if (rc == RC_OK && s->queue_id.n > 0 && !str_eq(item.queue_id, s->queue_id))
        rc = RC_NOT_FOUND;
    if (rc != RC_OK)
        return rc;
    struct store_op turn = *op;
    turn.add_turn = (struct store_add_turn){
        .session_id = s->session_id,
        .user_message_id = id,
        .reply_id = s->reply_id,
        .content = item.content,
        .model = s->model,
        .now_us = s->now_us,
    };
    rc = verb_add_turn(db, &turn);
    op->changed_ |= turn.changed_;
    if (rc == RC_CONFLICT)
        s->streaming_id = turn.add_turn.reply_id;
    if (rc != RC_OK)
        return rc;
    s->item = item;
    s->item.queue_id = turn.add_turn.user_message_id;
    return note(db, op, s->session_id);
}
