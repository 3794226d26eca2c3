#include "base/timestamp.h"

#include "store/sql/verbs.h"

/* Tokens by person and day; the rate that all processes share. */

enum {
    TOKEN = 1000, /* millitokens */
    MINUTE_US = 60000000,
    DAY_LENGTH = 10, /* of YYYY-MM-DD */
};

/* ---- Tokens ---- */

static const struct sql ADD =
    SQL("INSERT INTO usage_days AS u(user_id, day, prompt_tokens,"
        " completion_tokens) VALUES($1, $2, $3, $4)"
        " ON CONFLICT(user_id, day) DO UPDATE SET"
        " prompt_tokens = u.prompt_tokens + excluded.prompt_tokens,"
        " completion_tokens = u.completion_tokens"
        "  + excluded.completion_tokens");
static const struct sql READ =
    SQL("SELECT prompt_tokens, completion_tokens FROM usage_days"
        " WHERE user_id = $1 AND day = $2");
static const struct sql PURGE_DAYS =
    SQL("DELETE FROM usage_days WHERE day < $1");

static struct str day_of(int64_t wall_us, char text[TIMESTAMP_SIZE])
{
    timestamp_format(wall_us, text);
    return str_sub(str_from_c(text), 0, DAY_LENGTH);
}

enum rc usage_add(struct db *db, const struct store_op *op, int64_t at_us,
    int64_t prompt_tokens, int64_t completion_tokens)
{
    char day[TIMESTAMP_SIZE];
    if (prompt_tokens <= 0 && completion_tokens <= 0)
        return RC_OK;
    struct query q = query_start(db, &ADD);
    query_text(&q, op->user_id);
    query_text(&q, day_of(at_us, day));
    query_int(&q, prompt_tokens > 0 ? prompt_tokens : 0);
    query_int(&q, completion_tokens > 0 ? completion_tokens : 0);
    return query_defer(&q);
}

/* ---- The rate ---- */

/*
 * A bucket is filled when somebody takes: by what it gained in the time since,
 * up to its size. $2 is the size and $3 the gain a minute, in millitokens, $4
 * the time where the database has none of its own. One that holds less than a
 * token is left alone.
 */
#define FILLED(least, greatest, now)                                           \
    least "($2, b.millitokens + " greatest "(0, " least "(86400000000, " now   \
          " - b.updated_us)) * $3 / 60000000)"
#define TAKE(filled, now)                                                      \
    "INSERT INTO rate_buckets AS b(user_id, millitokens, updated_us)"          \
    " VALUES($1, $2 - 1000, " now ") ON CONFLICT(user_id) DO UPDATE"           \
    " SET millitokens = " filled " - 1000, updated_us = " now " WHERE " filled \
    " >= 1000 RETURNING millitokens"
#define LEVEL(filled)                                                          \
    "SELECT " filled " FROM rate_buckets b WHERE b.user_id = $1"
#define FILLED_SQLITE FILLED("min", "max", "$4")
#define FILLED_POSTGRES FILLED("least", "greatest", SQL_NOW_US)
static const struct sql TAKE_ONE =
    SQL_EACH(TAKE(FILLED_SQLITE, "$4"), TAKE(FILLED_POSTGRES, SQL_NOW_US));
static const struct sql LEVEL_NOW =
    SQL_EACH(LEVEL(FILLED_SQLITE), LEVEL(FILLED_POSTGRES));
/* Nobody gains more than in an hour: what is older is full and says nothing. */
static const struct sql PURGE_BUCKETS = SQL_EACH(
    "DELETE FROM rate_buckets WHERE updated_us < $1",
    "DELETE FROM rate_buckets WHERE updated_us < " SQL_NOW_US " - 3600000000");

/* A bucket that is asked about: its owner is the caller. */
struct bucket {
    int64_t per_minute, burst, now_us;
};

/* The first number of a row, or absent when there is no row. */
static enum rc ask_bucket(struct db *db, const struct store_op *op,
    const struct sql *sql, const struct bucket *b, bool *ret_found,
    int64_t *ret)
{
    struct query q = query_start(db, sql);
    query_text(&q, op->user_id);
    query_int(&q, (b->burst < 1 ? 1 : b->burst) * TOKEN);
    query_int(&q, b->per_minute * TOKEN);
    query_int(&q, b->now_us);
    *ret_found = query_row(&q);
    if (*ret_found)
        *ret = query_col_int(&q, 0);
    return query_end(&q);
}

enum rc verb_take_rate(struct db *db, struct store_op *op)
{
    struct store_take_rate *t = &op->take_rate;
    const struct bucket b = {t->per_minute, t->burst, t->now_us};
    int64_t level = 0;
    bool there = false;
    t->retry_after_us = t->left = 0;
    enum rc rc = ask_bucket(db, op, &TAKE_ONE, &b, &t->allowed, &level);
    if (rc == RC_OK && t->allowed)
        t->left = level / TOKEN;
    if (rc != RC_OK || t->allowed)
        return rc;
    rc = ask_bucket(db, op, &LEVEL_NOW, &b, &there, &level);
    int64_t gain = t->per_minute < 1 ? 1 : t->per_minute;
    if (rc == RC_OK && level < TOKEN)
        t->retry_after_us = (TOKEN - level) * (MINUTE_US / TOKEN) / gain;
    return rc;
}

static enum rc read_bucket(struct db *db, struct store_op *op)
{
    struct store_read_usage *u = &op->read_usage;
    const struct bucket b = {u->per_minute, u->burst, u->now_us};
    int64_t level = 0;
    bool there = false;
    enum rc rc = ask_bucket(db, op, &LEVEL_NOW, &b, &there, &level);
    u->rate_left = there ? level / TOKEN : u->burst;
    return rc;
}

enum rc verb_read_usage(struct db *db, struct store_op *op)
{
    struct store_read_usage *u = &op->read_usage;
    char day[TIMESTAMP_SIZE];
    u->prompt_tokens = u->completion_tokens = u->rate_left = 0;
    struct query q = query_start(db, &READ);
    query_text(&q, op->user_id);
    query_text(&q, day_of(u->day_us, day));
    if (query_row(&q)) {
        u->prompt_tokens = query_col_int(&q, 0);
        u->completion_tokens = query_col_int(&q, 1);
    }
    enum rc rc = query_end(&q);
    return rc == RC_OK && u->per_minute > 0 ? read_bucket(db, op) : rc;
}

enum rc purge_usage(struct db *db, const struct store_purge *p)
{
    char day[TIMESTAMP_SIZE];
    struct query q = query_start(db, &PURGE_DAYS);
    query_text(&q, day_of(p->usage_us, day));
    enum rc rc = query_defer(&q);
    if (rc != RC_OK)
        return rc;
    q = query_start(db, &PURGE_BUCKETS);
    query_int(&q, p->usage_us);
    return query_defer(&q);
}
