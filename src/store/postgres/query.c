#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/timestamp.h"

#include "store/postgres/pg_int.h"

/* Statements: prepared once a connection, sent through the pipeline. */

enum { OID_INT8 = 20, OID_TEXT = 25 };

static int statement_of(struct pg *pg, const char *sql)
{
    for (int i = 0; i < pg->cached; i++)
        if (pg->cache[i].sql == sql)
            return i;
    assert(pg->cached < PG_MAX_STATEMENTS);
    pg->cache[pg->cached].sql = sql;
    pg->cache[pg->cached].prepared = false;
    return pg->cached++;
}

struct pg_query pg_start(struct pg *pg, const char *sql)
{
    return (struct pg_query){
        .pg = pg, .statement = statement_of(pg, sql), .row = -1};
}

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

void pg_text(struct pg_query *q, struct str s)
{
    assert(q->bound < PG_MAX_PARAMETERS);
    int at = q->bound++;
    q->types[at] = OID_TEXT;
    if (s.n > PG_MAX_VALUE) {
        q->rc = RC_TOO_LARGE;
        return;
    }
    if (s.n > 0 && memchr(s.p, '\0', s.n) != NULL) {
        q->cleaned[at] = clean(s, &s.n);
        s.p = q->cleaned[at];
    }
    q->values[at] = s.p;
    q->lengths[at] = (int)s.n;
}

void pg_given(struct pg_query *q, struct str s)
{
    pg_text(q, s.p == NULL ? STR("") : s);
}

void pg_int(struct pg_query *q, int64_t n)
{
    assert(q->bound < PG_MAX_PARAMETERS);
    int at = q->bound++;
    for (int i = 0; i < 8; i++)
        q->numbers[at][i] = (unsigned char)((uint64_t)n >> (56 - 8 * i));
    q->types[at] = OID_INT8;
    q->values[at] = (const char *)q->numbers[at];
    q->lengths[at] = 8;
}

void pg_time(struct pg_query *q, int64_t wall_us, char buf[])
{
    timestamp_format(wall_us, buf);
    pg_text(q, str_from_c(buf));
}

static void note_sent(struct pg *pg, struct pg_sent sent)
{
    pg->sent[pg->sent_count++] = sent;
}

static enum rc prepare(struct pg_query *q, const char *name)
{
    struct pg *pg = q->pg;
    if (pg->cache[q->statement].prepared)
        return RC_OK;
    if (!PQsendPrepare(
            pg->h, name, pg->cache[q->statement].sql, q->bound, q->types))
        return pg_lose(pg, PQerrorMessage(pg->h));
    pg->cache[q->statement].prepared = true;
    note_sent(
        pg, (struct pg_sent){.statement = q->statement, .prepares = true});
    return RC_OK;
}

static enum rc send_prepared(struct pg_query *q, size_t *dropped)
{
    static const int binary[PG_MAX_PARAMETERS] = {
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct pg *pg = q->pg;
    char name[] = {'s', (char)('0' + q->statement / 10),
        (char)('0' + q->statement % 10), '\0'};
    enum rc rc = prepare(q, name);
    if (rc != RC_OK)
        return rc;
    if (!PQsendQueryPrepared(
            pg->h, name, q->bound, q->values, q->lengths, binary, 0))
        return pg_lose(pg, PQerrorMessage(pg->h));
    note_sent(
        pg, (struct pg_sent){.statement = q->statement, .dropped = dropped});
    return RC_OK;
}

/* Sends a query; what it bound is no longer needed then. */
static enum rc send_query(struct pg_query *q, size_t *dropped)
{
    struct pg *pg = q->pg;
    enum rc rc = q->rc;
    if (rc == RC_OK && pg->lost)
        rc = RC_IO;
    if (rc == RC_OK && pg->sent_count + 2 > PG_MAX_SENT)
        rc = pg_settle(pg);
    if (rc == RC_OK)
        rc = send_prepared(q, dropped);
    for (int i = 0; i < q->bound; i++)
        mem_free(q->cleaned[i]);
    q->bound = 0;
    return rc;
}

static size_t changes_of(const PGresult *result)
{
    int64_t n = 0;
    const char *count = PQcmdTuples((PGresult *)(uintptr_t)result);
    return num_parse_i64(str_from_c(count), 0, INT64_MAX, &n) == RC_OK
               ? (size_t)n
               : 0;
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
        pg->cache[sent->statement].prepared = false;
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

enum rc pg_settle(struct pg *pg)
{
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
static void execute(struct pg_query *q)
{
    struct pg *pg = q->pg;
    struct answers answers;
    q->rc = send_query(q, NULL);
    if (q->rc == RC_OK)
        q->rc = read_all(pg, &answers);
    if (q->rc != RC_OK)
        return;
    if (answers.failure != RC_OK && !is_own(pg, &answers) &&
        pg->deferred == RC_OK)
        pg->deferred = answers.failure;
    q->rc = pg->deferred != RC_OK ? pg->deferred : answers.failure;
    if (q->rc == RC_OK)
        q->result = answers.last;
    else
        PQclear(answers.last);
}

bool pg_row(struct pg_query *q)
{
    if (q->rc == RC_OK && q->result == NULL)
        execute(q);
    if (q->rc != RC_OK)
        return false;
    q->row++;
    return q->row < PQntuples(q->result);
}

enum rc pg_end(struct pg_query *q)
{
    PQclear(q->result);
    q->result = NULL;
    return q->rc;
}

enum rc pg_run(struct pg_query *q)
{
    q->pg->changed = 0;
    (void)pg_row(q);
    if (q->rc == RC_OK)
        q->pg->changed = changes_of(q->result);
    return pg_end(q);
}

enum rc pg_defer_counted(struct pg_query *q, size_t *dropped)
{
    return send_query(q, dropped);
}

enum rc pg_defer(struct pg_query *q)
{
    return send_query(q, NULL);
}

enum rc pg_run_sql(struct pg *pg, const char *sql)
{
    struct pg_query q = pg_start(pg, sql);
    return pg_run(&q);
}

enum rc pg_defer_sql(struct pg *pg, const char *sql)
{
    struct pg_query q = pg_start(pg, sql);
    return pg_defer(&q);
}

size_t pg_changes(const struct pg *pg)
{
    return pg->changed;
}

size_t pg_count(const struct pg_query *q)
{
    return (size_t)PQntuples(q->result);
}

struct str pg_col_view(const struct pg_query *q, int column)
{
    if (PQgetisnull(q->result, q->row, column))
        return (struct str){0};
    return (struct str){PQgetvalue(q->result, q->row, column),
        (size_t)PQgetlength(q->result, q->row, column)};
}

int64_t pg_col_int(const struct pg_query *q, int column)
{
    int64_t n = 0;
    struct str view = pg_col_view(q, column);
    return num_parse_i64(view, INT64_MIN, INT64_MAX, &n) == RC_OK ? n : 0;
}

struct str pg_col_text(
    const struct pg_query *q, int column, struct arena *arena)
{
    struct str view = pg_col_view(q, column);
    return view.p == NULL ? view : arena_str(arena, view);
}

int64_t pg_col_time(const struct pg_query *q, int column)
{
    int64_t us = 0;
    return timestamp_parse(pg_col_view(q, column), &us) == RC_OK ? us : 0;
}
