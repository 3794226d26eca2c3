#include <string.h>

#include "base/mem.h"
#include "store/sqlite/store_sqlite.h"

#include "admin/admin_int.h"

/* From a database file back into the history. */

struct merge {
    struct place *from, *to;
    const char *chat; /* only this one; or NULL */
    struct totals totals;
};

static enum rc merge_chat(
    void *ctx, const struct store_user *user, const struct store_session *chat)
{
    struct merge *m = ctx;
    if (m->chat != NULL && !str_eq(chat->session_id, str_from_c(m->chat)))
        return RC_OK;
    return copy_chat(&(struct chat_copy){.from = m->from,
        .to = m->to,
        .user_id = user->user_id,
        .session_id = chat->session_id,
        .untrash = m->chat != NULL,
        .totals = &m->totals});
}

static enum rc merge_all(
    const struct admin_call *call, const char *copy, struct totals *ret_totals)
{
    const struct admin_args *args = &call->args;
    struct place from = {0}, to = {0};
    struct merge m = {.from = &from, .to = &to, .chat = args->chat};
    struct str user_id = {0};
    if (args->user != NULL)
        user_id = str_from_c(args->user);
    enum rc rc = place_open_file(copy, PLACE_TOOL, &from);
    if (rc == RC_OK)
        rc = place_open(&call->database, PLACE_TOOL, &to);
    if (rc == RC_OK)
        rc = each_chat(&from, user_id, true, merge_chat, &m);
    place_close(&to);
    place_close(&from);
    *ret_totals = m.totals;
    return rc;
}

int admin_merge(const struct admin_call *call, const char *file)
{
    char *copy = temporary_name();
    struct totals totals = {0};
    enum rc rc = private_copy(file, copy);
    if (rc == RC_OK)
        rc = merge_all(call, copy, &totals);
    remove_database(copy);
    mem_free(copy);
    if (rc != RC_OK)
        return ADMIN_FAILED;
    if (totals.chats == 0 && (call->args.chat || call->args.user))
        return admin_fail(file, "holds no such chat");
    say_totals("Added", &totals);
    return ADMIN_DONE;
}

/* ---- The whole file ---- */

static int replace(const struct admin_call *call)
{
    const char *path = call->database.path, *from = call->args.from;
    char error[STORE_ERROR_SIZE] = "", stamp[STAMP_SIZE];
    struct arena *arena = arena_new();
    stamp_now(stamp);
    const char *part = arena_printf(arena, "%s.part", path).p;
    const char *kept =
        arena_printf(arena, "%s.before-restore-%s", path, stamp).p;
    remove_database(part);
    enum rc rc = private_copy(from, part);
    if (rc == RC_OK) {
        rc = store_sqlite_replace(path, part, kept, error);
        if (rc != RC_OK)
            admin_fail(path, error);
    }
    remove_database(part);
    if (rc == RC_OK)
        admin_say("%s is now what %s holds; what was there is in %s.", path,
            from, kept);
    arena_free(arena);
    return rc == RC_OK ? ADMIN_DONE : ADMIN_FAILED;
}

int admin_restore(const struct admin_call *call)
{
    const struct admin_args *args = &call->args;
    if (args->from == NULL)
        return admin_misuse("say what from: restore --from FILE");
    if (!args->replace)
        return admin_merge(call, args->from);
    if (args->user != NULL || args->chat != NULL)
        return admin_misuse("--replace is for the whole history; leave out "
                            "--user and --chat");
    if (call->database.postgres)
        return admin_misuse("--replace is for a SQLite file; into PostgreSQL, "
                            "migrate FILE to an empty database");
    return replace(call);
}
