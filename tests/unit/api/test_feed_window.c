#include <stdio.h>

#include "base/num.h"
#include "api/feed_window.h"

#include "tap.h"

enum { BIG = 1 << 20 };

static void add(struct feed_window *w, enum store_change_kind kind,
    struct str session, struct str message)
{
    feed_window_add(w, &(struct store_change){.sequence = w->last + 1,
                           .kind = kind,
                           .session_id = session,
                           .message_id = message});
}

/* What is written behind a cursor, all at once. */
static struct buf written(const struct feed_window *w, int64_t *cursor)
{
    struct buf out;
    buf_init(&out, BIG);
    CHECK(feed_window_write(w, cursor, BIG, &out));
    CHECK(buf_ok(&out));
    return out;
}

TEST(a_window_tells_what_is_behind_a_cursor)
{
    struct feed_window w;
    int64_t cursor = 7;
    feed_window_init(&w, 7);
    add(&w, STORE_CHANGE_CHAT, STR("s1"), (struct str){0});
    add(&w, STORE_CHANGE_MESSAGE, STR("s1"), STR("m1"));
    struct buf out = written(&w, &cursor);
    CHECK_STR(buf_str(&out),
        STR("id: 8\ndata: {\"kind\":\"chat\",\"session_id\":\"s1\","
            "\"message_id\":null}\n\n"
            "id: 9\ndata: {\"kind\":\"message\",\"session_id\":\"s1\","
            "\"message_id\":\"m1\"}\n\n"));
    CHECK_INT(cursor, 9);
    buf_release(&out);
    out = written(&w, &cursor);
    CHECK_INT(out.n, 0);
    buf_release(&out);
    feed_window_clear(&w, 20);
    CHECK(w.base == 20 && w.last == 20 && w.count == 0);
}

TEST(what_says_the_same_is_told_once)
{
    struct feed_window w;
    int64_t fresh = 0, seen = 1;
    feed_window_init(&w, 0);
    add(&w, STORE_CHANGE_DRAFT, STR("s1"), (struct str){0});
    for (int i = 0; i < 1000; i++)
        add(&w, STORE_CHANGE_DRAFT, STR("s1"), (struct str){0});
    CHECK(w.count == 1 && w.base == 0 && w.last == 1001);
    struct buf out = written(&w, &fresh);
    struct buf again = written(&w, &seen);
    CHECK(out.n > 0 && fresh == 1001 && seen == 1001);
    CHECK_STR(buf_str(&again), buf_str(&out));
    buf_release(&out);
    buf_release(&again);
    feed_window_clear(&w, 0);
}

TEST(a_window_is_bounded_and_says_what_it_has_lost)
{
    struct feed_window w;
    char id[24];
    feed_window_init(&w, 0);
    for (int i = 1; i <= FEED_WINDOW_MAX + 10; i++) {
        snprintf(id, sizeof(id), "s%d", i);
        add(&w, STORE_CHANGE_CHAT, str_from_c(id), (struct str){0});
        CHECK_INT(w.base, i <= FEED_WINDOW_MAX ? 0 : i - FEED_WINDOW_MAX);
    }
    CHECK_INT(w.count, FEED_WINDOW_MAX);
    feed_window_clear(&w, 0);
}

TEST(a_window_is_written_in_pieces)
{
    struct feed_window w;
    struct buf whole, pieces;
    char id[24];
    int64_t cursor = 0;
    size_t count = 1;
    feed_window_init(&w, 0);
    for (int i = 0; i < 100; i++) {
        snprintf(id, sizeof(id), "s%d", i);
        add(&w, STORE_CHANGE_CHAT, str_from_c(id), (struct str){0});
    }
    whole = written(&w, &cursor);
    cursor = 0;
    buf_init(&pieces, BIG);
    while (!feed_window_write(&w, &cursor, 500, &pieces))
        count++;
    CHECK(count > 5);
    CHECK_STR(buf_str(&pieces), buf_str(&whole));
    buf_release(&whole);
    buf_release(&pieces);
    feed_window_clear(&w, 0);
}

enum { THINGS = 20 };

/* Of events about "0", "1"...: which number came last for each. */
static void learn(struct str text, int64_t heard[THINGS])
{
    struct str line, piece, blank;
    int64_t sequence, thing;
    while (text.n > 0) {
        str_cut(text, '\n', &line, &text);
        CHECK(num_parse_i64(
                  str_sub(line, 4, line.n), 1, INT64_MAX, &sequence) == RC_OK);
        str_cut(text, '\n', &line, &text);
        for (int i = 0; i < 8; i++)
            str_cut(line, '"', &piece, &line);
        CHECK(num_parse_i64(piece, 0, THINGS - 1, &thing) == RC_OK);
        CHECK(sequence > heard[thing]);
        heard[thing] = sequence;
        str_cut(text, '\n', &blank, &text);
        CHECK(blank.n == 0);
    }
}

/*
 * Any number of readers, however slow: each has in the end heard of every
 * thing at least as late as it last changed, in growing order.
 */
TEST(readers_at_any_pace_know_what_changed_last)
{
    enum { READERS = 5, STEPS = 3000 };
    struct feed_window w;
    int64_t changed[THINGS] = {0}, cursor[READERS] = {0};
    int64_t heard[READERS][THINGS] = {{0}};
    char id[24];
    feed_window_init(&w, 0);
    for (int i = 0; i < STEPS + READERS; i++) {
        size_t thing = (size_t)tap_random() % THINGS;
        snprintf(id, sizeof(id), "%zu", thing);
        if (i < STEPS) {
            add(&w, STORE_CHANGE_CHAT, str_from_c(id), (struct str){0});
            changed[thing] = w.last;
        }
        size_t reader =
            (i < STEPS ? (size_t)tap_random() : (size_t)i) % READERS;
        struct buf out = written(&w, &cursor[reader]);
        learn(buf_str(&out), heard[reader]);
        buf_release(&out);
    }
    for (size_t r = 0; r < READERS; r++)
        for (size_t t = 0; t < THINGS; t++)
            CHECK_INT(heard[r][t], changed[t]);
    feed_window_clear(&w, 0);
}
