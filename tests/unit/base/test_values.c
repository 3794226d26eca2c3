#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/map.h"
#include "base/secret.h"

#include "tap.h"

TEST(numbers_are_written_in_decimal)
{
    struct buf b;
    buf_init(&b, 64);
    buf_append_number(&b, 0);
    buf_append_char(&b, ' ');
    buf_append_number(&b, 1234567890);
    buf_append_char(&b, ' ');
    CHECK(buf_append_number(&b, UINT64_MAX) == RC_OK);
    CHECK_STR(buf_str(&b), STR("0 1234567890 18446744073709551615"));
    buf_release(&b);
}

TEST(a_character_beyond_the_bound_is_refused)
{
    struct buf b;
    buf_init(&b, 3);
    for (int i = 0; i < 3; i++)
        CHECK(buf_append_char(&b, 'x') == RC_OK);
    CHECK(buf_append_char(&b, 'x') == RC_TOO_LARGE);
    CHECK(buf_append_char(&b, 'x') == RC_TOO_LARGE);
    CHECK_STR(str_from_c(buf_c_str(&b)), STR("xxx"));
    buf_release(&b);
}

TEST(buf_keeps_its_maximum)
{
    struct buf b;
    buf_init(&b, 10);
    CHECK(buf_append(&b, STR("0123456789")) == RC_OK);
    CHECK(buf_append_char(&b, 'x') == RC_TOO_LARGE);
    CHECK(!buf_ok(&b));
    CHECK_STR(buf_str(&b), STR("0123456789"));
    CHECK(strcmp(buf_c_str(&b), "0123456789") == 0);
    buf_clear(&b);
    CHECK(buf_ok(&b) && buf_printf(&b, "%d", 42) == RC_OK);
    CHECK_STR(buf_str(&b), STR("42"));
    buf_release(&b);
}

TEST(buf_consume_from_the_front)
{
    struct buf b;
    buf_init(&b, 100);
    buf_append(&b, STR("abcdef"));
    buf_consume(&b, 2);
    CHECK_STR(buf_str(&b), STR("cdef"));
    buf_consume(&b, 99);
    CHECK_INT(b.n, 0);
    buf_release(&b);
}

TEST(arena_gives_zeroed_aligned_memory)
{
    struct arena *a = arena_new();
    for (size_t n = 1; n < 10000; n = n * 3 + 1) {
        char *p = arena_alloc(a, n);
        CHECK_INT((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            CHECK(p[i] == 0);
        memset(p, 'x', n);
    }
    CHECK_STR(arena_printf(a, "%s-%d", "a", 7), STR("a-7"));
    CHECK(strcmp(arena_c_str(a, STR("xyz")), "xyz") == 0);
    arena_free(a);
}

struct item {
    int n;
    struct list link;
};

TEST(list_order_and_removal_while_walking)
{
    struct list head, other;
    struct item items[5];
    list_init(&head);
    list_init(&other);
    for (int i = 0; i < 5; i++) {
        items[i].n = i;
        list_push(i < 3 ? &head : &other, &items[i].link);
    }
    list_splice(&head, &other);
    CHECK(list_empty(&other));
    int order = 0;
    LIST_EACH(node, &head)
    {
        CHECK_INT(LIST_ITEM(node, struct item, link)->n, order++);
        list_remove(node);
    }
    CHECK_INT(order, 5);
    CHECK(list_pop(&head) == NULL);
}

/* Random adds and removes against a plain array of what should be there. */
TEST(map_agrees_with_a_model)
{
    enum { KEYS = 200 };
    static int present[KEYS];
    struct map *m = map_new(KEYS);
    size_t count = 0;
    for (int step = 0; step < 20000; step++) {
        size_t k = (size_t)(tap_random() % KEYS);
        char key[16];
        snprintf(key, sizeof(key), "key%zu", k);
        struct str s = str_from_c(key);
        CHECK((map_get(m, s) != NULL) == present[k]);
        if (tap_random() % 2 == 0) {
            enum rc rc = map_add(m, s, &present[k]);
            CHECK(rc == (present[k] ? RC_CONFLICT : RC_OK));
            count += !present[k];
            present[k] = 1;
        } else {
            CHECK((map_remove(m, s) != NULL) == present[k]);
            count -= (size_t)present[k];
            present[k] = 0;
        }
        CHECK_INT(map_count(m), count);
    }
    size_t pos = 0, seen = 0;
    while (map_next(m, &pos) != NULL)
        seen++;
    CHECK_INT(seen, count);
    map_free(m);
}

TEST(map_bound_is_kept)
{
    struct map *m = map_new(1);
    int v;
    CHECK(map_add(m, STR("a"), &v) == RC_OK);
    CHECK(map_add(m, STR("b"), &v) == RC_BUSY);
    CHECK(map_remove(m, STR("a")) == &v);
    CHECK(map_add(m, STR("b"), &v) == RC_OK);
    map_free(m);
}

TEST(clock_moves_only_by_hand)
{
    struct clock_manual m;
    clock_manual_init(&m, 5, 1000);
    clock_manual_advance(&m, 10);
    CHECK_INT(clock_monotonic_ms(&m.clock), 15);
    CHECK_INT(clock_wall_us(&m.clock), 11000);
    int64_t a = clock_monotonic_ms(clock_system());
    CHECK(clock_monotonic_ms(clock_system()) >= a);
}

TEST(secret_is_replaced_and_wiped)
{
    struct secret s = {0};
    CHECK(secret_empty(&s));
    secret_set(&s, STR("one"));
    secret_set(&s, STR("two"));
    CHECK_STR(secret_reveal(&s), STR("two"));
    secret_release(&s);
    CHECK(secret_empty(&s));
}
