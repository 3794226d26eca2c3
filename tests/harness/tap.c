#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"

#include "tap.h"

enum { MAX_TESTS = 512, ALARM_SECONDS = 120 };

static struct {
    const char *names[MAX_TESTS];
    tap_test_fn *fns[MAX_TESTS];
    size_t count;
    jmp_buf failed;
    uint64_t seed;
    uint64_t state;
} tap;

void tap_register(const char *name, tap_test_fn *fn)
{
    if (tap.count == MAX_TESTS)
        abort();
    tap.names[tap.count] = name;
    tap.fns[tap.count++] = fn;
}

void tap_fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("# %s:%d: ", file, line);
    vprintf(format, args);
    printf("\n");
    va_end(args);
    longjmp(tap.failed, 1);
}

void tap_check_int(const char *file, int line, const char *what, int64_t actual,
    int64_t expected)
{
    if (actual != expected)
        tap_fail(file, line, "%s is %" PRId64 ", expected %" PRId64, what,
            actual, expected);
}

void tap_check_str(const char *file, int line, const char *what,
    struct str actual, struct str expected)
{
    if (!str_eq(actual, expected))
        tap_fail(file, line, "%s is \"%.*s\", expected \"%.*s\"", what,
            STR_ARG(actual), STR_ARG(expected));
}

uint64_t tap_seed(void)
{
    if (tap.seed == 0) {
        const char *given = getenv("TAP_SEED");
        if (given != NULL)
            tap.seed = strtoull(given, NULL, 10);
        else
            crypto_random(&tap.seed, sizeof(tap.seed));
        tap.seed |= 1;
        tap.state = tap.seed;
        printf("# TAP_SEED=%" PRIu64 "\n", tap.seed);
    }
    return tap.seed;
}

uint64_t tap_random(void)
{
    tap_seed();
    tap.state ^= tap.state << 13;
    tap.state ^= tap.state >> 7;
    tap.state ^= tap.state << 17;
    return tap.state;
}

static bool selected(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strstr(name, argv[i]) != NULL)
            return true;
    return argc < 2;
}

/* True when the test came to its end. */
static bool run_one(tap_test_fn *fn)
{
    if (setjmp(tap.failed) != 0)
        return false;
    fn();
    return true;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    int ran = 0, failures = 0;
    for (size_t i = 0; i < tap.count; i++) {
        if (!selected(tap.names[i], argc, argv))
            continue;
        alarm(ALARM_SECONDS);
        bool ok = run_one(tap.fns[i]);
        failures += !ok;
        printf("%s %d - %s\n", ok ? "ok" : "not ok", ++ran, tap.names[i]);
    }
    printf("1..%d\n", ran);
    return failures != 0 || ran == 0;
}
