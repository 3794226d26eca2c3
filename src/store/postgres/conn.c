#include <poll.h>
#include <string.h>

#include "base/utf8.h"
#include "telemetry/log.h"

#include "store/postgres/pg_int.h"

/* The connection: made, waited on, lost, made again. */

enum {
    CONNECT_MS = 10000,
    LAST_CONNECT_MS = 2000, /* when the store is closing */
    SLICE_MS = 50,          /* how late a closing store is noticed */
    BACKOFF_MS = 100,
    MAX_BACKOFF_MS = 5000,
};

static const struct {
    const char *state; /* SQLSTATE or its class */
    enum rc rc;
} meanings[] = {
    {"53100", RC_FULL},      /* disk full */
    {"53200", RC_NO_MEMORY}, /* out of memory */
    {"53", RC_BUSY},         /* too many connections and the like */
    {"25006", RC_READ_ONLY}, /* read-only transaction */
    {"25P02", RC_CANCELLED}, /* for a failure before it */
    {"23", RC_CONFLICT},     /* a constraint */
    {"40", RC_BUSY},         /* deadlock, serialization */
    {"55P03", RC_BUSY},      /* lock not available */
    {"57014", RC_IO},        /* statement_timeout */
    {"57", RC_IO},           /* shutdown, crash, starting up */
    {"08", RC_IO},           /* connection */
    {"58", RC_IO},           /* system error */
    {"26000", RC_IO},        /* our prepared statements are gone */
    {"28", RC_DENIED},       /* user or password */
    {"42501", RC_DENIED},    /* no right */
    {"3D000", RC_NOT_FOUND}, /* no such database */
    {"XX001", RC_CORRUPT},   /* damaged data */
    {"XX002", RC_CORRUPT},   /* damaged index */
    {"54", RC_TOO_LARGE},    /* program limit exceeded */
    {"22021", RC_INVALID},   /* not UTF-8 */
};

static enum rc rc_from_state(const char *state)
{
    struct str text = str_from_c(state);
    for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
        if (str_starts_with(text, str_from_c(meanings[i].state)))
            return meanings[i].rc;
    return RC_INTERNAL;
}

static bool state_in(const struct pg *pg, struct str class)
{
    return str_starts_with(str_from_c(pg->state), class);
}

bool pg_transient(const struct pg *pg)
{
    return state_in(pg, STR("40")) || state_in(pg, STR("55P03")) ||
           state_in(pg, STR("23505"));
}

/* The first line of what libpq says, without its "ERROR: " and the like. */
static struct str first_line(const char *message)
{
    struct str s = str_trim(str_from_c(message == NULL ? "" : message));
    return str_trim(str_sub(s, 0, str_find_char(s, '\n')));
}

static void set_state(struct pg *pg, struct str state)
{
    memset(pg->state, 0, sizeof(pg->state));
    if (state.n == sizeof(pg->state) - 1)
        memcpy(pg->state, state.p, state.n);
}

enum rc pg_lose(struct pg *pg, const char *why)
{
    struct str line = first_line(why);
    pg->lost = true;
    pg->sent_count = 0;
    if (!str_starts_with(str_from_c(pg->state), STR("57")))
        set_state(pg, STR("08006"));
    store_error_set(pg->db.error, "PostgreSQL: the connection was lost: %.*s",
        STR_ARG(line));
    return RC_IO;
}

/* Failures after which the connection or what we keep in it is gone. */
static bool ends_connection(const struct pg *pg)
{
    static const char *const states[] = {
        "57P01", "57P02", "57P03", "08", "26000", "0A000"};
    for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
        if (state_in(pg, str_from_c(states[i])))
            return true;
    return PQstatus(pg->h) == CONNECTION_BAD;
}

enum rc pg_failure(struct pg *pg, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    set_state(pg, str_from_c(state == NULL ? "08006" : state));
    struct str line =
        first_line(text == NULL ? PQresultErrorMessage(result) : text);
    store_error_set(
        pg->db.error, "PostgreSQL: %.*s (%s)", STR_ARG(line), pg->state);
    if (ends_connection(pg)) {
        pg->lost = true;
        return RC_IO;
    }
    enum rc rc = rc_from_state(pg->state);
    if (rc == RC_READ_ONLY)
        atomic_store(&pg->config->counters.read_only, true);
    return rc;
}

static int64_t now_ms(const struct pg *pg)
{
    return clock_monotonic_ms(pg->config->options.clock);
}

/* Waits until the socket is ready or the time is over; false when it is. */
static bool wait_socket(struct pg *pg, short events, int64_t until_ms)
{
    struct pollfd fd = {.fd = PQsocket(pg->h), .events = events};
    int64_t left = until_ms - now_ms(pg);
    if (left <= 0)
        return false;
    (void)poll(&fd, 1, left > SLICE_MS ? SLICE_MS : (int)left);
    return true;
}

enum rc pg_next_result(struct pg *pg, PGresult **ret)
{
    int64_t until = now_ms(pg) + pg->config->options.timeout_ms;
    for (;;) {
        int unsent = PQflush(pg->h);
        if (unsent < 0)
            return pg_lose(pg, PQerrorMessage(pg->h));
        if (!PQisBusy(pg->h))
            break;
        short events = (short)(unsent ? POLLIN | POLLOUT : POLLIN);
        if (!wait_socket(pg, events, until))
            return pg_lose(pg, "the server did not answer in time");
        if (!PQconsumeInput(pg->h))
            return pg_lose(pg, PQerrorMessage(pg->h));
    }
    *ret = PQgetResult(pg->h);
    return RC_OK;
}

void pg_init(struct pg *pg, struct pg_config *config)
{
    pg->db.driver = &pg_driver;
    pg->db.counters = &config->counters;
    pg->db.node = config->options.node;
    pg->config = config;
}

void pg_disconnect(struct pg *pg)
{
    PQfinish(pg->h);
    pg->h = NULL;
    pg->lost = false;
    pg->sent_count = 0;
    pg->deferred = RC_OK;
    memset(pg->prepared, 0, sizeof(pg->prepared));
}

/* The SQLSTATE in a verbose message: five characters between ": " and ":". */
static void find_state(struct pg *pg, const char *message)
{
    struct str s = str_from_c(message);
    set_state(pg, STR("08001"));
    for (size_t i = 0; i + 7 < s.n; i++) {
        struct str five = str_sub(s, i + 1, 5);
        bool known = rc_from_state((char[]){five.p[0], five.p[1], five.p[2],
                         five.p[3], five.p[4], '\0'}) != RC_INTERNAL;
        if (s.p[i] == ' ' && s.p[i + 6] == ':' && known) {
            set_state(pg, five);
            return;
        }
    }
}

/* Lets libpq connect; our deadline, shorter when the store is closing. */
static bool poll_connection(struct pg *pg)
{
    int64_t began = now_ms(pg);
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
        short events =
            (short)(status == PGRES_POLLING_READING ? POLLIN : POLLOUT);
        struct pollfd fd = {.fd = PQsocket(pg->h), .events = events};
        bool closing = atomic_load(&pg->config->closing);
        if (now_ms(pg) - began >= (closing ? LAST_CONNECT_MS : CONNECT_MS))
            return false;
        if (poll(&fd, 1, SLICE_MS) > 0)
            status = PQconnectPoll(pg->h);
    }
    return status == PGRES_POLLING_OK;
}

static void explain_connect(struct pg *pg)
{
    const char *message = PQerrorMessage(pg->h);
    struct str line = first_line(message);
    if (line.n == 0)
        line = STR("the server did not answer in time");
    find_state(pg, message);
    store_error_set(
        pg->db.error, "PostgreSQL cannot be used: %.*s", STR_ARG(line));
}

/* What the server remarks beside its answers is of no use to us. */
static void ignore_notice(void *ctx, const char *message)
{
    (void)ctx;
    (void)message;
}

/* One attempt with one password. */
static enum rc open_handle(struct pg *pg, const char *password)
{
    const struct store_postgres_options *o = &pg->config->options;
    /* Those before dbname may be said otherwise there. */
    const char *const names[] = {"fallback_application_name", "keepalives_idle",
        "keepalives_interval", "keepalives_count", "dbname", "client_encoding",
        password == NULL ? NULL : "password", NULL};
    const char *const values[] = {"databricks-chatbot", "30", "10", "3",
        o->conninfo, "UTF8", password, NULL};
    pg->h = PQconnectStartParams(names, values, 1);
    if (pg->h == NULL)
        return RC_NO_MEMORY;
    PQsetNoticeProcessor(pg->h, ignore_notice, NULL);
    /* So that a refusal says its SQLSTATE. */
    PQsetErrorVerbosity(pg->h, PQERRORS_VERBOSE);
    if (PQstatus(pg->h) != CONNECTION_BAD && poll_connection(pg))
        return RC_OK;
    explain_connect(pg);
    enum rc rc = rc_from_state(pg->state);
    pg_disconnect(pg);
    return rc == RC_INTERNAL || rc == RC_BUSY ? RC_IO : rc;
}

static enum rc connect_with_password(struct pg *pg, bool renew)
{
    const struct store_postgres_options *o = &pg->config->options;
    struct secret password = {0};
    if (o->password == NULL)
        return open_handle(pg, NULL);
    enum rc rc = o->password(o->password_ctx, renew, &password, pg->db.error);
    if (rc != RC_OK)
        return rc;
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_append(&text, secret_reveal(&password));
    rc = open_handle(pg, buf_c_str(&text));
    if (text.n > 0)
        explicit_bzero(text.p, text.n);
    buf_release(&text);
    secret_release(&password);
    return rc;
}

static const struct sql SQL_SETTINGS =
    SQL("SELECT set_config('search_path', quote_ident($1), false),"
        " set_config('statement_timeout', '30s', false),"
        " set_config('lock_timeout', '20s', false),"
        " set_config('idle_in_transaction_session_timeout', '60s', false),"
        " set_config('chatbot.schema', $1, false)");

static enum rc set_up(struct pg *pg)
{
    PQsetErrorVerbosity(pg->h, PQERRORS_DEFAULT);
    if (PQsetnonblocking(pg->h, 1) != 0 || !PQenterPipelineMode(pg->h))
        return pg_lose(pg, PQerrorMessage(pg->h));
    struct query q = query_start(&pg->db, &SQL_SETTINGS);
    query_text(&q, str_from_c(pg->config->options.schema));
    return query_run(&q);
}

static enum rc connect_once(struct pg *pg)
{
    pg_disconnect(pg);
    pg->state[0] = '\0';
    enum rc rc = connect_with_password(pg, false);
    if (rc == RC_DENIED && pg->config->options.password != NULL &&
        state_in(pg, STR("28")))
        rc = connect_with_password(pg, true);
    if (rc == RC_OK)
        rc = set_up(pg);
    if (rc != RC_OK)
        pg_disconnect(pg);
    return rc;
}

static void pause_until(struct pg *pg, int64_t until_ms)
{
    while (now_ms(pg) < until_ms && !atomic_load(&pg->config->closing))
        (void)poll(NULL, 0, SLICE_MS);
}

static void grow_backoff(struct pg *pg)
{
    pg->backoff_ms = pg->backoff_ms == 0 ? BACKOFF_MS : 2 * pg->backoff_ms;
    if (pg->backoff_ms > MAX_BACKOFF_MS)
        pg->backoff_ms = MAX_BACKOFF_MS;
    pg->retry_at_ms = now_ms(pg) + pg->backoff_ms;
    pg->connects = atomic_load(&pg->config->connects);
}

/* A server that starts up or cannot be reached may come back soon. */
static bool worth_waiting(const struct pg *pg, enum rc rc)
{
    return rc == RC_IO && (pg->was_up || state_in(pg, STR("57P03")));
}

/* Connects, with what is left of everybody's patience. */
static enum rc reconnect(struct pg *pg)
{
    int64_t give_up = now_ms(pg) + pg->config->options.patience_ms;
    for (;;) {
        enum rc rc = connect_once(pg);
        if (rc == RC_OK)
            return RC_OK;
        grow_backoff(pg);
        if (!worth_waiting(pg, rc) || pg->retry_at_ms >= give_up ||
            atomic_load(&pg->config->closing))
            return rc;
        pause_until(pg, pg->retry_at_ms);
    }
}

enum rc pg_ensure(struct pg *pg)
{
    if (pg->h != NULL && !pg->lost)
        return RC_OK;
    if (pg->h == NULL && !pg->was_up && now_ms(pg) < pg->retry_at_ms &&
        pg->connects == atomic_load(&pg->config->connects))
        return RC_IO;
    bool again = pg->lost;
    if (again)
        log_warn("lost the connection to PostgreSQL; connecting again",
            LOG_CSTR("why", pg->db.error));
    enum rc rc = reconnect(pg);
    if (rc == RC_OK) {
        pg->was_up = true;
        pg->backoff_ms = 0;
        atomic_fetch_add(&pg->config->connects, 1);
        return RC_OK;
    }
    if (pg->was_up)
        log_error("PostgreSQL does not come back; nothing can be stored or "
                  "read until it does",
            LOG_CSTR("why", pg->db.error));
    pg->was_up = false;
    return rc;
}
