#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

#include "store/store.h"

enum { MAX_SENTENCE = 64 << 10 }; /* before it is cut */

static const struct {
    const char *name;
    enum store_kind kind;
} verbs[STORE_VERB_COUNT] = {
#define R STORE_KIND_READ
#define W STORE_KIND_WRITE
#define P STORE_KIND_PERSON
#define VERB_ROW(id, name, kind) [STORE_##id] = {name, kind},
    STORE_VERBS(VERB_ROW)
#undef VERB_ROW
#undef R
#undef W
#undef P
};

const char *store_verb_name(enum store_verb verb)
{
    return verbs[verb].name;
}

enum store_kind store_verb_kind(enum store_verb verb)
{
    return verbs[verb].kind;
}

const char *store_role_name(enum store_role role)
{
    return role == STORE_ROLE_USER ? "user" : "assistant";
}

const char *store_status_name(enum store_status status)
{
    switch (status) {
    case STORE_COMPLETE:
        return "complete";
    case STORE_STREAMING:
        return "streaming";
    case STORE_STOPPED:
        return "stopped";
    case STORE_FAILED:
        return "error";
    case STORE_INTERRUPTED:
        return "interrupted";
    }
    return "complete";
}

const char *store_rating_name(enum store_rating rating)
{
    switch (rating) {
    case STORE_RATING_NONE:
        return NULL;
    case STORE_RATING_UP:
        return "up";
    case STORE_RATING_DOWN:
        return "down";
    }
    return NULL;
}

enum store_role store_role_parse(struct str text)
{
    return str_eq_nocase(text, STR("user")) ? STORE_ROLE_USER
                                            : STORE_ROLE_ASSISTANT;
}

enum store_status store_status_parse(struct str text)
{
    static const enum store_status all[] = {
        STORE_STREAMING, STORE_STOPPED, STORE_FAILED, STORE_INTERRUPTED};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (str_eq(text, str_from_c(store_status_name(all[i]))))
            return all[i];
    return STORE_COMPLETE;
}

enum store_rating store_rating_parse(struct str text)
{
    if (str_eq(text, STR("up")))
        return STORE_RATING_UP;
    return str_eq(text, STR("down")) ? STORE_RATING_DOWN : STORE_RATING_NONE;
}

const char *store_change_name(enum store_change_kind kind)
{
    static const char *const names[] = {
        "chat", "deleted", "message", "queue", "draft"};
    return names[kind];
}

/* Runs on the operation's loop: hands it to its owner, if there is one. */
static void deliver(void *ctx)
{
    struct store_op *op = ctx;
    op->submitted_ = false;
    if (op->abandoned_)
        store_op_free(op);
    else
        op->done_(op);
}

struct store_op *store_op_new(
    struct loop *loop, enum store_verb verb, store_done_fn *done, void *ctx)
{
    struct store_op *op = MEM_NEW(struct store_op);
    op->verb = verb;
    op->arena = arena_new();
    op->ctx = ctx;
    op->loop_ = loop;
    op->done_ = done;
    list_init(&op->link_);
    list_init(&op->message_.link);
    op->message_.fn = deliver;
    op->message_.ctx = op;
    return op;
}

void store_op_free(struct store_op *op)
{
    if (op == NULL)
        return;
    assert(!op->submitted_);
    arena_free(op->arena);
    mem_free(op);
}

struct str store_op_str(struct store_op *op, struct str s)
{
    return s.p == NULL ? s : arena_str(op->arena, s);
}

void store_op_abandon(struct store_op *op)
{
    if (op == NULL)
        return;
    if (op->submitted_)
        op->abandoned_ = true;
    else
        store_op_free(op);
}

void store_submit(struct store *store, struct store_op *op)
{
    assert(!op->submitted_);
    op->submitted_ = true;
    op->rc = RC_OK;
    op->error[0] = '\0';
    op->bytes_ = arena_used(op->arena);
    store->class->submit(store, op);
}

void store_op_complete(struct store_op *op)
{
    loop_post(op->loop_, &op->message_);
}

static void set_sentence(char error[STORE_ERROR_SIZE], const char *format,
    va_list args) __attribute__((format(printf, 2, 0)));

static void set_sentence(
    char error[STORE_ERROR_SIZE], const char *format, va_list args)
{
    struct buf b;
    buf_init(&b, MAX_SENTENCE);
    buf_vprintf(&b, format, args);
    struct str cut = utf8_truncate(buf_str(&b), STORE_ERROR_SIZE - 1);
    if (cut.n > 0)
        memcpy(error, cut.p, cut.n);
    error[cut.n] = '\0';
    buf_release(&b);
}

void store_error_set(char error[STORE_ERROR_SIZE], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_sentence(error, format, args);
    va_end(args);
}

void store_op_fail(struct store_op *op, enum rc rc, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_sentence(op->error, format, args);
    va_end(args);
    op->rc = rc;
}

void store_close(struct store *store)
{
    if (store != NULL)
        store->class->close(store);
}
