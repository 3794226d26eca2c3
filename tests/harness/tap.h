#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * A small unit-test harness that speaks TAP. A test is
 *
 *     TEST(str_cut_without_separator)
 *     {
 *         CHECK(...);
 *     }
 *
 * registered by a constructor. A failed check ends its test. Arguments of the
 * program are substrings: only tests whose name holds one of them run. The
 * whole program is ended by an alarm when one of them takes 120 s.
 */
typedef void tap_test_fn(void);

void tap_register(const char *name, tap_test_fn *fn);

_Noreturn void tap_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Seed of this run: printed, and taken from TAP_SEED when that is set. */
uint64_t tap_seed(void);

/* Next number of a repeatable sequence that starts at tap_seed(). */
uint64_t tap_random(void);

#define TEST(name)                                                             \
    static void test_##name(void);                                             \
    __attribute__((constructor)) static void register_##name(void)             \
    {                                                                          \
        tap_register(#name, test_##name);                                      \
    }                                                                          \
    static void test_##name(void)

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition))                                                      \
            tap_fail(__FILE__, __LINE__, "%s", #condition);                    \
    } while (0)

#define CHECK_INT(actual, expected)                                            \
    tap_check_int(                                                             \
        __FILE__, __LINE__, #actual, (int64_t)(actual), (int64_t)(expected))

#define CHECK_STR(actual, expected)                                            \
    tap_check_str(__FILE__, __LINE__, #actual, (actual), (expected))

void tap_check_int(const char *file, int line, const char *what, int64_t actual,
    int64_t expected);
void tap_check_str(const char *file, int line, const char *what,
    struct str actual, struct str expected);

#endif
