#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#include "server.h"
#include "tap.h"

const char *server_schema(const struct world *w)
{
    return strrchr(w->directory, '/') + 1;
}

PGconn *server_connect(const struct world *w)
{
    PGconn *h = PQconnectdb("");
    const char *values[] = {w == NULL ? "public" : server_schema(w)};
    PQclear(PQexecParams(h,
        "SELECT set_config('search_path', quote_ident($1), false),"
        " set_config('client_min_messages', 'error', false)",
        1, NULL, values, NULL, NULL, 0));
    return h;
}

long long server_exec(PGconn *h, const char *sql)
{
    int64_t n = 0;
    PGresult *result = PQexec(h, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        tap_fail(__FILE__, __LINE__, "%s", PQerrorMessage(h));
    if (status == PGRES_TUPLES_OK && PQntuples(result) > 0)
        (void)num_parse_i64(
            str_from_c(PQgetvalue(result, 0, 0)), INT64_MIN, INT64_MAX, &n);
    PQclear(result);
    return n;
}

void server_run(const char *sql)
{
    PGconn *h = server_connect(NULL);
    (void)server_exec(h, sql);
    PQfinish(h);
}

void server_signal(int number)
{
    char line[32] = "";
    FILE *f = fopen(getenv("CHATBOT_TEST_PG_PID"), "r");
    if (f == NULL) /* between two of them */
        return;
    bool read = fgets(line, sizeof(line), f) != NULL;
    fclose(f);
    int64_t pid = 0;
    if (read &&
        num_parse_i64(str_trim(str_from_c(line)), 2, INT32_MAX, &pid) == RC_OK)
        kill((pid_t)pid, number);
}
