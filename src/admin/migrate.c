#include <string.h>

#include "store/sqlite/store_sqlite.h"
#include "store/tables.h"

#include "admin/admin_int.h"

/*
 * From one database to another: what is missing is copied, then every row is
 * compared, both times as the source was when this began. A target that was
 * filled before is made equal to the source.
 */
struct migration {
    struct place from, to;
    bool served; /* somebody may be writing to the source */
    bool resume;
    size_t behind; /* rows that the target has otherwise, or not at all */
};

static const struct store_table *table_named(const char *name)
{
    for (size_t i = 0; i < store_table_count; i++)
        if (strcmp(store_tables[i].name, name) == 0)
            return &store_tables[i];
    return NULL;
}

/* The number of a person's changes, in the column `last` of their feed. */
struct feeds {
    struct store_op *op;
    enum rc rc;
};

static struct feeds read_feeds(struct place *p, struct str after)
{
    struct store_op *op = place_op(p, STORE_DUMP_ROWS, STR(""));
    op->dump_rows.table = table_named("feeds");
    op->dump_rows.after = store_op_str(op, after);
    op->dump_rows.limit = 500;
    return (struct feeds){op, place_run(p, op)};
}

/* The number that the source has given to this person's changes; 0: none. */
static enum rc last_change(
    struct place *p, struct str user_id, int64_t *ret_last)
{
    struct store_op *op = place_op(p, STORE_READ_CHANGES, user_id);
    enum rc rc = place_run(p, op);
    if (rc == RC_OK)
        *ret_last = op->read_changes.last;
    else
        admin_fail_op(p->shown, op);
    store_op_free(op);
    return rc;
}

/*
 * A target that has numbered more changes than the source has been written to
 * by a server; making it equal would lose what was written.
 */
static enum rc refuse_used(struct migration *m)
{
    struct str after = {0};
    struct arena *arena = arena_new();
    enum rc rc = RC_OK;
    do {
        struct feeds f = read_feeds(&m->to, after);
        const struct store_dump_rows *d = &f.op->dump_rows;
        rc = f.rc;
        for (size_t i = 0; rc == RC_OK && i < d->count; i++) {
            int64_t last = 0;
            const struct store_value *row = d->values + 2 * i;
            rc = last_change(&m->from, row[0].text, &last);
            if (rc == RC_OK && row[1].number > last)
                rc = RC_CONFLICT;
        }
        after = d->next.p == NULL ? d->next : arena_str(arena, d->next);
        store_op_free(f.op);
    } while (rc == RC_OK && after.p != NULL);
    arena_free(arena);
    if (rc == RC_CONFLICT)
        admin_fail(m->to.shown, "has been used by a server since; nothing "
                                "was changed. To go back, migrate the other "
                                "way round into an empty database");
    return rc;
}

/* Whether the target may be written to. */
static enum rc look_at_target(struct migration *m)
{
    bool empty = false;
    enum rc rc = tables_empty(&m->to, &empty);
    if (rc != RC_OK || empty)
        return rc;
    if (m->resume)
        return refuse_used(m);
    admin_fail(m->to.shown, "has data already; --resume goes on with a target "
                            "that migrate has filled before");
    return RC_CONFLICT;
}

/* Takes away what is gone from the source, then adds and writes anew. */
static enum rc amend(struct migration *m)
{
    const unsigned removal = 1u << STORE_LOAD_REMOVE;
    const unsigned rest = 1u << STORE_LOAD_ADD | 1u << STORE_LOAD_UPDATE;
    struct comparison c;
    enum rc rc = RC_OK;
    for (size_t i = store_table_count; rc == RC_OK && i > 0; i--)
        rc = compare_table(&m->from, &m->to, &store_tables[i - 1], removal, &c);
    for (size_t i = 0; rc == RC_OK && i < store_table_count; i++)
        rc = compare_table(&m->from, &m->to, &store_tables[i], rest, &c);
    return rc;
}

static enum rc verify(struct migration *m)
{
    enum rc rc = RC_OK;
    admin_say("%-17s %10s %10s %8s %8s  %s", "table", "equal", "different",
        "missing", "extra", "digest");
    for (size_t i = 0; rc == RC_OK && i < store_table_count; i++) {
        struct comparison c;
        rc = compare_table(&m->from, &m->to, &store_tables[i], 0, &c);
        if (rc != RC_OK)
            break;
        bool equal = strcmp(c.from_digest, c.to_digest) == 0;
        admin_say("%-17s %10zu %10zu %8zu %8zu  %.16s%s%.16s",
            store_tables[i].name, c.same, c.different, c.missing, c.extra,
            c.from_digest, equal ? "" : " <> ", equal ? "" : c.to_digest);
        m->behind += c.different + c.missing + c.extra;
    }
    return rc;
}

static int conclude(const struct migration *m)
{
    if (m->behind > 0) {
        admin_say("%zu row%s differ: somebody else writes to the target. Run "
                  "the same again with --resume.",
            m->behind, m->behind == 1 ? "" : "s");
        return ADMIN_FAILED;
    }
    admin_say("Every row of the target equals the source.");
    if (m->served)
        admin_say("What a server writes to the source from now on is not in "
                  "the target: stop it, run\nthe same again with --resume, "
                  "and start it on the target.");
    return ADMIN_DONE;
}

static int run(struct migration *m)
{
    enum rc rc = look_at_target(m);
    if (rc == RC_OK)
        rc = copy_tables(&m->from, &m->to);
    if (rc == RC_OK && m->resume)
        rc = amend(m);
    if (rc == RC_OK)
        rc = verify(m);
    return rc == RC_OK ? conclude(m) : ADMIN_FAILED;
}

int admin_migrate(const struct admin_call *call)
{
    const struct admin_database *from = &call->database, *to = &call->target;
    struct migration m = {.resume = call->args.resume};
    if (call->args.to == NULL)
        return admin_misuse("say where to: migrate --to URL");
    if (from->postgres == to->postgres && strcmp(from->shown, to->shown) == 0)
        return admin_misuse("source and target are the same database");
    m.served = from->postgres || store_sqlite_served(from->path);
    if (place_open(from, PLACE_STATE, &m.from) != RC_OK)
        return ADMIN_FAILED;
    int code = ADMIN_FAILED;
    if (place_open(to, PLACE_OWNED, &m.to) == RC_OK) {
        code = run(&m);
        place_close(&m.to);
    }
    place_close(&m.from);
    return code;
}
