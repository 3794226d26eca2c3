#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

#include "store/postgres/pg_int.h"

/* Statements: prepared once a connection, sent through the pipeline. */

enum { OID_INT8 = 20, OID_TEXT = 25 };

static struct pg *pg_of(const struct db *db)
{
    return (struct pg *)((uintptr_t)db - offsetof(struct pg, db));
}

/* What a query's parameters become on their way to the server. */
struct bound {
    Oid types[SQL_MAX_PARAMETERS];
    const char *values[SQL_MAX_PARAMETERS];
    int lengths[SQL_MAX_PARAMETERS];
    int formats[SQL_MAX_PARAMETERS];
    unsigned char numbers[SQL_MAX_PARAMETERS][8];
    char *cleaned[SQL_MAX_PARAMETERS]; /* texts that had a NUL */
};

/* A copy without NUL characters. */
static char *clean(struct str s, size_t *ret_n)
{
    size_t n = 0;
    char *copy = mem_alloc(s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\0')
            copy[n++] = s.p[i];
    *ret_n = n;
    return copy;
}

static void bind_text(struct bound *b, int at, struct str s)
{
    b->types[at] = OID_TEXT;
    if (s.n > 0 && memchr(s.p, '\0', s.n) != NULL) {
        b->cleaned[at] = clean(s, &s.n);
        s.p = b->cleaned[at];
    }
    b->values[at] = s.p;
    b->lengths[at] = (int)s.n;
}

static void bind_int(struct bound *b, int at, int64_t n)
{
    for (int i = 0; i < 8; i++)
        b->numbers[at][i] = (unsigned char)((uint64_t)n >> (56 - 8 * i));
    b->types[at] = OID_INT8;
    b->values[at] = (const char *)b->numbers[at];
    b->lengths[at] = 8;
}

static void bind_all(struct bound *b, const struct query *q)
{
    for (int i = 0; i < q->count; i++) {
        b->cleaned[i] = NULL;
        b->formats[i] = 1;
        if (q->values[i].type == SQL_INT)
            bind_int(b, i, q->values[i].number);
        else
            bind_text(b, i, q->values[i].text);
    }
}

static void unbind(struct bound *b, const struct query *q)
{
    for (int i = 0; i < q->count; i++)
        mem_free(b->cleaned[i]);
}

static void note_sent(struct pg *pg, struct pg_sent sent)
{
    pg->sent[pg->sent_count++] = sent;
}

static enum rc prepare(const struct query *q, const struct bound *b,
    int statement, const char *name)
{
    struct pg *pg = pg_of(q->db);
    if (pg->prepared[statement])
        return RC_OK;
    if (!PQsendPrepare(pg->h, name, q->sql->postgres, q->count, b->types))
        return pg_lose(pg, PQerrorMessage(pg->h));
    pg->prepared[statement] = true;
    note_sent(pg, (struct pg_sent){.statement = statement, .prepares = true});
    return RC_OK;
}

static enum rc send_bound(
    const struct query *q, const struct bound *b, size_t *dropped)
{
    struct pg *pg = pg_of(q->db);
    int n = sql_index(&pg->index, q->sql);
    char name[] = {'s', (char)('0' + n / 100), (char)('0' + n / 10 % 10),
        (char)('0' + n % 10), '\0'};
    enum rc rc = prepare(q, b, n, name);
    if (rc != RC_OK)
        return rc;
    if (!PQsendQueryPrepared(
            pg->h, name, q->count, b->values, b->lengths, b->formats, 0))
        return pg_lose(pg, PQerrorMessage(pg->h));
    note_sent(pg, (struct pg_sent){.statement = n, .dropped = dropped});
    return RC_OK;
}

/* Sends a query; what it bound is no longer needed then. */
static enum rc send_query(const struct query *q, size_t *dropped)
{
    struct pg *pg = pg_of(q->db);
    struct bound bound;
    enum rc rc = pg->lost ? RC_IO : RC_OK;
    if (rc == RC_OK && pg->sent_count + 2 > PG_MAX_SENT)
        rc = db_settle(q->db);
    if (rc != RC_OK)
        return rc;
    bind_all(&bound, q);
    rc = send_bound(q, &bound, dropped);
    unbind(&bound, q);
    return rc;
}

static int64_t changes_of(const PGresult *result)
{
    int64_t n = 0;
    const char *count = PQcmdTuples((PGresult *)(uintptr_t)result);
    return num_parse_i64(str_from_c(count), 0, INT64_MAX, &n) == RC_OK ? n : 0;
}

/* The result of one query, whose end mark is read too. */
static enum rc read_one(struct pg *pg, PGresult **ret)
{
    PGresult *result = NULL, *mark = NULL;
    enum rc rc = pg_next_result(pg, &result);
    if (rc != RC_OK)
        return rc;
    if (result == NULL)
        return pg_lose(pg, "an answer is missing");
    rc = pg_next_result(pg, &mark);
    if (rc == RC_OK && mark != NULL)
        rc = pg_lose(pg, "there is an answer too many");
    PQclear(mark);
    if (rc == RC_OK)
        *ret = result;
    else
        PQclear(result);
    return rc;
}

/* What one result means; RC_CANCELLED: it was not run for a failure before. */
static enum rc judge(
    struct pg *pg, const struct pg_sent *sent, const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        if (sent->dropped != NULL)
            *sent->dropped += changes_of(result) == 0;
        return RC_OK;
    }
    if (sent->prepares)
        pg->prepared[sent->statement] = false;
    if (status == PGRES_PIPELINE_ABORTED)
        return RC_CANCELLED;
    return pg_failure(pg, result);
}

static enum rc read_sync(struct pg *pg)
{
    PGresult *sync = NULL;
    enum rc rc = pg_next_result(pg, &sync);
    if (rc == RC_OK && PQresultStatus(sync) != PGRES_PIPELINE_SYNC)
        rc = pg_lose(pg, "the answers are out of step");
    PQclear(sync);
    return rc;
}

/* What came of all that was under way. */
struct answers {
    enum rc failure; /* the first one */
    size_t failed;   /* place of the query that had it */
    size_t count;
    PGresult *last;
};

/* Asks for and reads the answers to everything that is under way. */
static enum rc read_all(struct pg *pg, struct answers *ret)
{
    size_t count = pg->sent_count;
    struct answers answers = {.count = count};
    pg->sent_count = 0;
    if (!PQpipelineSync(pg->h))
        return pg_lose(pg, PQerrorMessage(pg->h));
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        PQclear(answers.last);
        answers.last = NULL;
        rc = read_one(pg, &answers.last);
        if (rc != RC_OK)
            break;
        enum rc failure = judge(pg, &pg->sent[i], answers.last);
        if (failure != RC_OK && answers.failure == RC_OK) {
            answers.failure = failure;
            answers.failed = i;
        }
    }
    if (rc == RC_OK)
        rc = read_sync(pg);
    if (rc == RC_OK)
        *ret = answers;
    else
        PQclear(answers.last);
    return rc;
}

static enum rc driver_settle(struct db *db)
{
    struct pg *pg = pg_of(db);
    struct answers answers = {0};
    enum rc rc = pg->lost ? RC_IO : RC_OK;
    if (rc == RC_OK && pg->sent_count > 0)
        rc = read_all(pg, &answers);
    PQclear(answers.last);
    if (pg->deferred == RC_OK)
        pg->deferred = answers.failure;
    return rc == RC_OK ? pg->deferred : rc;
}

/* Whether the failure is that of the last query or of its preparation. */
static bool is_own(const struct pg *pg, const struct answers *a)
{
    return a->failed + 1 == a->count ||
           (a->failed + 2 == a->count && pg->sent[a->failed].prepares);
}

/* Sends a query and reads its result. */
static enum rc execute(struct query *q)
{
    struct pg *pg = pg_of(q->db);
    struct answers answers;
    enum rc rc = send_query(q, NULL);
    if (rc == RC_OK)
        rc = read_all(pg, &answers);
    if (rc != RC_OK)
        return rc;
    if (answers.failure != RC_OK && !is_own(pg, &answers) &&
        pg->deferred == RC_OK)
        pg->deferred = answers.failure;
    rc = pg->deferred != RC_OK ? pg->deferred : answers.failure;
    if (rc == RC_OK)
        q->handle = answers.last;
    else
        PQclear(answers.last);
    return rc;
}

static bool driver_row(struct query *q)
{
    if (q->handle == NULL)
        q->rc = execute(q);
    if (q->rc != RC_OK)
        return false;
    q->row++;
    return q->row < PQntuples(q->handle);
}

static void driver_end(struct query *q)
{
    PQclear(q->handle);
    q->handle = NULL;
}

static enum rc driver_run(struct query *q, int64_t *ret_changed)
{
    (void)driver_row(q);
    if (q->rc == RC_OK)
        *ret_changed = changes_of(q->handle);
    return q->rc;
}

static enum rc driver_defer(struct query *q, size_t *dropped)
{
    return send_query(q, dropped);
}

static bool driver_col_null(const struct query *q, int column)
{
    return PQgetisnull(q->handle, q->row, column);
}

static struct str driver_col_view(const struct query *q, int column)
{
    if (PQgetisnull(q->handle, q->row, column))
        return (struct str){0};
    return (struct str){PQgetvalue(q->handle, q->row, column),
        (size_t)PQgetlength(q->handle, q->row, column)};
}

static int64_t driver_col_int(const struct query *q, int column)
{
    int64_t n = 0;
    struct str view = driver_col_view(q, column);
    return num_parse_i64(view, INT64_MIN, INT64_MAX, &n) == RC_OK ? n : 0;
}

const struct sql_driver pg_driver = {
    .postgres = true,
    .row = driver_row,
    .end = driver_end,
    .run = driver_run,
    .defer = driver_defer,
    .settle = driver_settle,
    .col_null = driver_col_null,
    .col_int = driver_col_int,
    .col_view = driver_col_view,
};
