#include "api/outbox.h"

enum {
    BASE_MS = 2000,
    CAP_MS = 3600 * 1000,
    MAX_DOUBLINGS = 20,
    LATE_TRIES = 10, /* a quarter of an hour and more */
};

static const int64_t PATIENCE_MS = INT64_C(3) * 24 * 3600 * 1000;

/* Half of the wait is sure, so that tries do not crowd at its beginning. */
static int64_t wait_ms(int64_t tries, uint64_t random)
{
    int64_t doublings = tries > 1 ? tries - 1 : 0, wait = CAP_MS;
    if (doublings < MAX_DOUBLINGS && (BASE_MS << doublings) < CAP_MS)
        wait = BASE_MS << doublings;
    return wait / 2 + (int64_t)(random % (uint64_t)(wait / 2 + 1));
}

static bool is_final(enum databricks_code code)
{
    return code == DATABRICKS_UPSTREAM_NOT_FOUND ||
           code == DATABRICKS_UPSTREAM_BAD_REQUEST;
}

struct outbox_verdict outbox_judge(const struct databricks_error *error,
    int64_t tries, int64_t age_ms, uint64_t random)
{
    struct outbox_verdict verdict = {.delay_ms = wait_ms(tries, random)};
    if (verdict.delay_ms < error->retry_after_ms)
        verdict.delay_ms =
            error->retry_after_ms < CAP_MS ? error->retry_after_ms : CAP_MS;
    verdict.give_up =
        age_ms > PATIENCE_MS || (is_final(error->code) && tries >= LATE_TRIES);
    return verdict;
}
