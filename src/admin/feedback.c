#include <string.h>

#include "base/crypto.h"
#include "base/timestamp.h"

#include "admin/admin_int.h"
#include "exports/export.h"

/* Rated replies into a file; a page of them is in memory at a time. */
enum {
    PAGE = 50,
    LINE_BYTES = 256 << 20,
    CONTEXT_MESSAGES = 100,
    CONTEXT_BYTES = 1 << 20,
    ALIAS_LETTERS = 16,
    KEY_BYTES = 32,
};

struct feedback {
    struct place *place;
    const struct admin_args *args;
    int64_t from_us, until_us;
    enum store_rating rating; /* NONE: both */
    struct buf key;
    struct new_file file;
    struct buf line;
    size_t replies;
};

/* A day begins at midnight in UTC. */
static bool read_time(const char *flag, const char *text, int64_t *ret)
{
    struct buf time;
    if (text == NULL)
        return true;
    buf_init(&time, 64);
    buf_append(&time, str_from_c(text));
    if (strlen(text) == strlen("2026-01-31"))
        buf_append(&time, STR("T00:00:00Z"));
    bool good = buf_ok(&time) && timestamp_parse(buf_str(&time), ret) == RC_OK;
    buf_release(&time);
    if (!good)
        admin_fail(flag, "wants 2026-01-31 or 2026-01-31T12:00:00Z");
    return good;
}

static bool read_rating(struct feedback *f)
{
    const char *given = f->args->rating;
    if (given != NULL)
        f->rating = store_rating_parse(str_from_c(given));
    if (given == NULL || f->rating != STORE_RATING_NONE)
        return true;
    admin_fail("--rating", "allowed: up or down");
    return false;
}

/* The key is nowhere but here: who has the file cannot try names out. */
static struct str alias_of(
    const struct feedback *f, struct arena *arena, struct str user_id)
{
    char hex[CRYPTO_SHA256_HEX_SIZE];
    if (!f->args->anonymous)
        return (struct str){0};
    crypto_sha256_hex(arena_printf(arena, "%.*s:%.*s",
                          STR_ARG(buf_str(&f->key)), STR_ARG(user_id)),
        hex);
    return arena_printf(arena, "%.*s", ALIAS_LETTERS, hex);
}

static bool is_wanted(const struct feedback *f, const struct store_rated *r)
{
    const char *user = f->args->user;
    return r->rated_us >= f->from_us && r->rated_us < f->until_us &&
           (f->rating == STORE_RATING_NONE || r->message.rating == f->rating) &&
           (user == NULL || str_eq(r->message.user_id, str_from_c(user)));
}

static enum rc write_reply(
    struct feedback *f, const struct store_rated *rated, bool shown)
{
    struct store_op *op = place_op(f->place, STORE_READ_PATH, (struct str){0});
    op->read_path = (struct store_read_path){
        .message_id = store_op_str(op, rated->message.message_id),
        .max_messages = CONTEXT_MESSAGES,
        .max_bytes = CONTEXT_BYTES,
    };
    enum rc rc = place_run(f->place, op);
    if (rc != RC_OK) {
        admin_fail_op("cannot read what led to a reply", op);
    } else {
        const struct export_rated line = {.rated = rated,
            .path = &op->read_path,
            .alias = alias_of(f, op->arena, rated->message.user_id),
            .shown = shown};
        buf_clear(&f->line);
        export_rated_line(&f->line, &line);
        rc = buf_ok(&f->line) ? new_file_write(&f->file, buf_str(&f->line))
                              : RC_TOO_LARGE;
        if (rc == RC_TOO_LARGE)
            admin_fail("a reply is too large to write", "");
        f->replies++;
    }
    store_op_free(op);
    return rc;
}

/* Where a walk is; the key of the last reply read. */
struct walk {
    bool others;
    struct arena *arena;
    struct str after;
    int64_t after_variant;
    bool more;
};

static enum rc write_page(struct feedback *f, struct walk *walk)
{
    struct store_op *op = place_op(f->place, STORE_LIST_RATED, (struct str){0});
    op->list_rated = (struct store_list_rated){
        .after = store_op_str(op, walk->after),
        .after_variant = walk->after_variant,
        .others = walk->others,
        .limit = PAGE,
    };
    const struct store_list_rated *l = &op->list_rated;
    enum rc rc = place_run(f->place, op);
    if (rc != RC_OK)
        admin_fail_op("cannot read the ratings", op);
    for (size_t i = 0; rc == RC_OK && i < l->count; i++)
        if (is_wanted(f, &l->items[i]))
            rc = write_reply(f, &l->items[i], !walk->others);
    walk->more = rc == RC_OK && l->more && l->count > 0;
    if (walk->more) {
        const struct store_message *last = &l->items[l->count - 1].message;
        arena_free(walk->arena);
        walk->arena = arena_new();
        walk->after = arena_str(walk->arena, last->message_id);
        walk->after_variant = last->variant;
    }
    store_op_free(op);
    return rc;
}

static enum rc write_all(struct feedback *f)
{
    enum rc rc = RC_OK;
    for (int others = 0; rc == RC_OK && others < 2; others++) {
        struct walk walk = {.others = others != 0, .more = true};
        walk.arena = arena_new();
        while (rc == RC_OK && walk.more)
            rc = write_page(f, &walk);
        arena_free(walk.arena);
    }
    return rc;
}

static enum rc write_file(struct feedback *f)
{
    const char *name = f->args->output;
    bool force = f->args->force;
    enum rc rc = name == NULL ? new_file_standard_output(&f->file)
                              : new_file_begin(name, force, true, &f->file);
    if (rc != RC_OK)
        return rc;
    rc = write_all(f);
    if (rc == RC_OK)
        rc = new_file_commit(&f->file, force);
    new_file_drop(&f->file);
    return rc;
}

int admin_feedback(const struct admin_call *call)
{
    struct place place = {0};
    struct feedback f = {.place = &place,
        .args = &call->args,
        .from_us = INT64_MIN,
        .until_us = INT64_MAX};
    if (call->args.file == NULL || strcmp(call->args.file, "export") != 0)
        return admin_misuse("say what to do: feedback export");
    if (!read_time("--from", call->args.from, &f.from_us) ||
        !read_time("--until", call->args.until, &f.until_us) ||
        !read_rating(&f))
        return ADMIN_MISUSED;
    if (place_open(&call->database, PLACE_STATE, &place) != RC_OK)
        return ADMIN_FAILED;
    buf_init(&f.line, LINE_BYTES);
    buf_init(&f.key, 4 * KEY_BYTES);
    enum rc rc = crypto_random_token(&f.key, KEY_BYTES);
    if (rc == RC_OK)
        rc = write_file(&f);
    buf_release(&f.key);
    buf_release(&f.line);
    place_close(&place);
    if (rc != RC_OK)
        return ADMIN_FAILED;
    if (call->args.output != NULL)
        admin_say("Wrote %zu rated repl%s to %s.", f.replies,
            f.replies == 1 ? "y" : "ies", call->args.output);
    return ADMIN_DONE;
}
