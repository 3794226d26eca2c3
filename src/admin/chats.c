#include <string.h>

#include "admin/admin_int.h"

/* Going through the chats of a database, and copying one. */
enum {
    PAGE_USERS = 100,
    PAGE_CHATS = 100,
    PAGE_PLACES = 200,
    PART_BYTES = 4 << 20, /* of one IMPORT_CHAT, and one place more */
};

/* ---- Walking ---- */

struct walk {
    struct place *place;
    bool trash;
    chat_fn *fn;
    void *ctx;
};

/* One page of one list; *cursor becomes absent behind the last. */
static enum rc walk_page(const struct walk *w, const struct store_user *user,
    enum store_list list, struct buf *cursor, bool *ret_more)
{
    struct store_op *op =
        place_op(w->place, STORE_LIST_SESSIONS, user->user_id);
    struct store_list_sessions *l = &op->list_sessions;
    l->list = list;
    l->limit = PAGE_CHATS;
    l->cursor = store_op_str(op, buf_str(cursor));
    enum rc rc = place_run(w->place, op);
    if (rc != RC_OK)
        admin_fail_op("cannot list the chats", op);
    for (size_t i = 0; rc == RC_OK && i < l->count; i++)
        rc = w->fn(w->ctx, user, &l->chats[i].session);
    buf_clear(cursor);
    buf_append(cursor, l->next_cursor);
    *ret_more = rc == RC_OK && l->next_cursor.n > 0;
    store_op_free(op);
    return rc;
}

static enum rc walk_user(const struct walk *w, const struct store_user *user)
{
    static const enum store_list lists[] = {
        STORE_LIST_CURRENT, STORE_LIST_ARCHIVED, STORE_LIST_TRASH};
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < (w->trash ? 3 : 2); i++) {
        struct buf cursor;
        bool more = true;
        buf_init(&cursor, 4096);
        while (rc == RC_OK && more)
            rc = walk_page(w, user, lists[i], &cursor, &more);
        buf_release(&cursor);
    }
    return rc;
}

/* A page of people behind `after`, which becomes the last of them. */
static enum rc walk_users(
    const struct walk *w, struct buf *after, bool *ret_more)
{
    struct store_op *op = place_op(w->place, STORE_LIST_USERS, STR(""));
    struct store_list_users *l = &op->list_users;
    l->after = store_op_str(op, buf_str(after));
    l->limit = PAGE_USERS;
    enum rc rc = place_run(w->place, op);
    if (rc != RC_OK)
        admin_fail_op("cannot list the people", op);
    for (size_t i = 0; rc == RC_OK && i < l->count; i++)
        rc = walk_user(w, &l->users[i]);
    *ret_more = rc == RC_OK && l->count == PAGE_USERS;
    if (*ret_more) {
        buf_clear(after);
        buf_append(after, l->users[l->count - 1].user_id);
    }
    store_op_free(op);
    return rc;
}

enum rc each_chat(
    struct place *p, struct str user_id, bool trash, chat_fn *fn, void *ctx)
{
    struct walk w = {p, trash, fn, ctx};
    if (user_id.p != NULL) {
        struct store_user user = {.user_id = user_id};
        return walk_user(&w, &user);
    }
    struct buf after;
    bool more = true;
    enum rc rc = RC_OK;
    buf_init(&after, 1 << 20);
    while (rc == RC_OK && more)
        rc = walk_users(&w, &after, &more);
    buf_release(&after);
    return rc;
}

enum rc each_page(struct place *p, struct str user_id, struct str session_id,
    places_fn *fn, void *ctx)
{
    int64_t next = 0;
    enum rc rc = RC_OK;
    do {
        struct store_op *op = place_op(p, STORE_READ_PLACES, user_id);
        struct store_read_places *r = &op->read_places;
        r->session_id = store_op_str(op, session_id);
        r->after = next;
        r->limit = PAGE_PLACES;
        rc = place_run(p, op);
        if (rc != RC_OK && rc != RC_NOT_FOUND)
            admin_fail_op("cannot read a chat", op);
        if (rc == RC_OK)
            rc = fn(ctx, &r->session, r->places, r->count);
        next = r->next;
        store_op_free(op);
    } while (rc == RC_OK && next != 0);
    return rc;
}

/* ---- Taking in ---- */

static size_t bytes_of(const struct store_message *m)
{
    return m->content.n + m->reasoning.n + m->sources.n + m->metrics.n;
}

/* How many places from `from` on go into one operation. */
static size_t part_of(const struct import *what, size_t from)
{
    size_t bytes = 0, n = 0;
    while (from + n < what->count && n < PAGE_PLACES && bytes < PART_BYTES) {
        const struct store_place *place = &what->places[from + n++];
        bytes += bytes_of(&place->message);
        for (size_t i = 0; i < place->other_count; i++)
            bytes += bytes_of(&place->others[i]);
    }
    return n;
}

/* Nobody makes here what streamed there. */
static void interrupt(const struct import *what)
{
    for (size_t i = 0; i < what->count; i++)
        if (what->places[i].message.status == STORE_STREAMING)
            what->places[i].message.status = STORE_INTERRUPTED;
}

static enum rc take_from_trash(
    struct place *p, struct str user_id, struct str session_id)
{
    struct store_op *op = place_op(p, STORE_RESTORE_SESSION, user_id);
    op->restore_session.session_id = store_op_str(op, session_id);
    op->restore_session.now_us = loop_wall_us(p->loop);
    enum rc rc = place_run(p, op);
    if (rc == RC_NOT_FOUND) /* somebody else has been faster */
        rc = RC_OK;
    if (rc != RC_OK)
        admin_fail_op("cannot take a chat out of the trash", op);
    store_op_free(op);
    return rc;
}

static enum rc import_part(struct place *p, const struct import *what,
    size_t from, size_t count, struct totals *totals)
{
    struct store_op *op = place_op(p, STORE_IMPORT_CHAT, what->user_id);
    struct store_import_chat *i = &op->import_chat;
    i->session = what->session;
    if (what->untrash)
        i->session.deleted_at_us = 0;
    i->places = what->places + from;
    i->count = count;
    i->now_us = loop_wall_us(p->loop);
    enum rc rc = place_run(p, op);
    if (rc == RC_OK) {
        totals->new_chats += i->created;
        totals->added += i->added;
        totals->present += i->present;
    } else {
        admin_fail_op("cannot take in a chat", op);
    }
    if (rc == RC_OK && i->in_trash && what->untrash) {
        rc = take_from_trash(p, what->user_id, i->session_id);
        totals->untrashed++;
    }
    store_op_free(op);
    return rc;
}

enum rc import_places(
    struct place *p, const struct import *what, struct totals *totals)
{
    size_t done = 0;
    enum rc rc = RC_OK;
    interrupt(what);
    do {
        size_t n = part_of(what, done);
        rc = import_part(p, what, done, n, totals);
        done += n;
    } while (rc == RC_OK && done < what->count);
    return rc;
}

static enum rc copy_page(void *ctx, const struct store_session *session,
    struct store_place *places, size_t count)
{
    struct chat_copy *c = ctx;
    struct import what = {.user_id = c->user_id,
        .session = *session,
        .places = places,
        .count = count,
        .untrash = c->untrash};
    return import_places(c->to, &what, c->totals);
}

enum rc copy_chat(const struct chat_copy *c)
{
    struct chat_copy copy = *c;
    c->totals->chats++;
    return each_page(c->from, c->user_id, c->session_id, copy_page, &copy);
}

void say_totals(const char *verb, const struct totals *t)
{
    admin_say("%s %zu message%s in %zu chat%s, of which %zu new; %zu message%s "
              "were there already.",
        verb, t->added, t->added == 1 ? "" : "s", t->chats,
        t->chats == 1 ? "" : "s", t->new_chats, t->present,
        t->present == 1 ? "" : "s");
    if (t->untrashed > 0)
        admin_say("Taken out of the trash: %zu.", t->untrashed);
    if (t->skipped > 0)
        admin_say("Skipped: %zu.", t->skipped);
}
