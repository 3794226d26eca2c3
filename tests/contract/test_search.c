#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store/search_language.h"

#include "tap.h"
#include "world.h"

/* What is found, in what order, and what is not anybody's to find. */

static struct store_op *search_page(struct world *w, const char *user,
    const char *query, size_t limit, struct str cursor)
{
    struct str error;
    struct store_op *op = world_op(w, STORE_SEARCH, user);
    struct store_search_query *q =
        ARENA_NEW(op->arena, struct store_search_query);
    CHECK_INT(search_language_parse(text(query), op->arena, q, &error), RC_OK);
    op->search.query = q;
    op->search.limit = limit;
    op->search.cursor = store_op_str(op, cursor);
    if (world_run(w, op) != RC_OK)
        tap_fail(__FILE__, __LINE__, "%s: %s", query, op->error);
    return op;
}

/* Ids of the hits in order, "s1" for a title, separated by spaces. */
static const char *found(struct world *w, const char *user, const char *query)
{
    static char ids[4096];
    size_t n = 0;
    const struct store_op *op =
        search_page(w, user, query, 100, (struct str){0});
    ids[0] = '\0';
    for (size_t i = 0; i < op->search.count; i++) {
        const struct store_hit *hit = &op->search.hits[i];
        struct str id =
            hit->message_id.p == NULL ? hit->session_id : hit->message_id;
        n += (size_t)snprintf(
            ids + n, sizeof(ids) - n, "%s%.*s", i > 0 ? " " : "", STR_ARG(id));
    }
    return ids;
}

#define CHECK_FOUND(user, query, ids)                                          \
    CHECK_STR(text(found(&w, (user), (query))), text(ids))

/* The snippet of the first hit with its matches in brackets. */
static const char *shown(struct world *w, const char *user, const char *query)
{
    static char out[2048];
    size_t n = 0, m = 0;
    const struct store_op *op = search_page(w, user, query, 1, (struct str){0});
    CHECK_INT(op->search.count, 1);
    const struct store_snippet *s = &op->search.hits[0].snippet;
    for (size_t i = 0; i <= s->text.n; i++) {
        if (m < s->match_count && i == s->matches[m].end) {
            out[n++] = ']';
            m++;
        }
        if (m < s->match_count && i == s->matches[m].begin)
            out[n++] = '[';
        if (i < s->text.n)
            out[n++] = s->text.p[i];
    }
    CHECK_INT(m, s->match_count);
    out[n] = '\0';
    return out;
}

#define CHECK_SHOWN(user, query, snippet)                                      \
    CHECK_STR(text(shown(&w, (user), (query))), text(snippet))

/* A turn in a chat whose title is none of the words looked for. */
static void turn(struct world *w, const char *user, const char *session,
    int number, const char *question, const char *answer)
{
    struct store_op *op = world_op(w, STORE_ADD_TURN, user);
    struct store_add_turn *t = &op->add_turn;
    w->now_us += 1000000;
    t->session_id = store_op_str(op, text(session));
    t->title = STR("Untitled");
    t->user_message_id = arena_printf(op->arena, "%s-q%d", session, number);
    t->reply_id = arena_printf(op->arena, "%s-a%d", session, number);
    t->content = store_op_str(op, text(question));
    t->now_us = w->now_us;
    CHECK_INT(world_run(w, op), RC_OK);
    CHECK_INT(
        world_answer(w, user, session, number, STORE_COMPLETE, answer), RC_OK);
}

TEST(words_phrases_prefixes_and_exclusions_find_what_they_say)
{
    struct world w;
    world_open(&w);
    turn(&w, "ann", "s1", 1, "How do I bake bread?", "Knead the dough, bake.");
    turn(&w, "ann", "s2", 1, "Bread pudding", "Take old bread and milk.");
    CHECK_FOUND("ann", "bread", "s2-a1 s2-q1 s1-q1");
    CHECK_FOUND("ann", "BREAD", "s2-a1 s2-q1 s1-q1");
    CHECK_FOUND("ann", "bread bake", "s1-q1");
    CHECK_FOUND("ann", "\"bake bread\"", "s1-q1");
    CHECK_FOUND("ann", "\"bread bake\"", "");
    CHECK_FOUND("ann", "\"dough bake\"", "s1-a1");
    CHECK_FOUND("ann", "bre", "");
    CHECK_FOUND("ann", "bre*", "s2-a1 s2-q1 s1-q1");
    CHECK_FOUND("ann", "\"old bre*\"", "s2-a1");
    CHECK_FOUND("ann", "\"old bre\"*", "s2-a1");
    CHECK_FOUND("ann", "bread -pudding", "s2-a1 s1-q1");
    CHECK_FOUND("ann", "bread -\"old bread\" -pudd*", "s1-q1");
    CHECK_FOUND("ann", "cake", "");
    world_close(&w);
}

TEST(filters_narrow_a_search)
{
    struct world w;
    world_open(&w);
    w.now_us = INT64_C(1767225600000000); /* 2026-01-01 */
    turn(&w, "ann", "s1", 1, "alpha", "alpha one");
    w.now_us =
        INT64_C(1767312000000000) - 2000000; /* a second before the 2nd */
    turn(&w, "ann", "s1", 2, "alpha", "alpha two");
    turn(&w, "ann", "s1", 3, "alpha", "alpha three");
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_UP), RC_OK);
    CHECK_INT(world_rate(&w, "ann", "s1-a3", STORE_RATING_DOWN), RC_OK);
    CHECK_FOUND("ann", "alpha from:me", "s1-q3 s1-q2 s1-q1");
    CHECK_FOUND("ann", "alpha from:assistant", "s1-a3 s1-a2 s1-a1");
    CHECK_FOUND("ann", "alpha rating:up", "s1-a1");
    CHECK_INT(w.last->search.hits[0].rating, STORE_RATING_UP);
    CHECK_FOUND("ann", "alpha rating:down", "s1-a3");
    CHECK_FOUND("ann", "alpha after:2026-01-02", "s1-a3 s1-q3");
    CHECK_FOUND("ann", "alpha from:me before:2026-01-02", "s1-q2 s1-q1");
    CHECK_FOUND(
        "ann", "alpha after:2026-01-01 before:2026-01-02 from:me two", "");
    CHECK_FOUND("ann", "alpha before:2026-01-01", "");
    CHECK_INT(world_rate(&w, "ann", "s1-a1", STORE_RATING_NONE), RC_OK);
    CHECK_FOUND("ann", "alpha rating:up", "");
    world_close(&w);
}

TEST(titles_are_found_and_can_be_searched_alone)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "Zebra crossings", "They have stripes.");
    world_turn(&w, "ann", "s2", 1, "Stripes", "The zebra has them.");
    CHECK_FOUND("ann", "zebra in:title", "s1");
    CHECK_STR(w.last->search.hits[0].title, STR("Zebra crossings"));
    CHECK(w.last->search.hits[0].message_id.p == NULL);
    CHECK_FOUND("ann", "zebra", "s2-a1 s1-q1 s1");
    CHECK_FOUND("ann", "zebra from:me", "s1-q1");
    CHECK_FOUND("ann", "zebra rating:up", "");
    CHECK_SHOWN("ann", "cross* in:title", "Zebra [cross]ings");
    world_close(&w);
}

/* Imported and migrated chats come in any order; their times count. */
TEST(newest_first_is_by_time_not_by_arrival)
{
    struct world w;
    world_open(&w);
    w.now_us = INT64_C(1700000000000000);
    turn(&w, "ann", "s1", 1, "alpha", "-");
    w.now_us = INT64_C(1500000000000000);
    turn(&w, "ann", "s2", 1, "alpha", "-");
    w.now_us = INT64_C(1600000000000000);
    turn(&w, "ann", "s3", 1, "alpha", "-");
    CHECK_FOUND("ann", "alpha", "s1-q1 s3-q1 s2-q1");
    CHECK_INT(w.last->search.hits[1].timestamp_us, INT64_C(1600000001000000));
    world_close(&w);
}

TEST(pages_of_hits_show_every_hit_once)
{
    struct world w;
    char session[16], cursor[64] = "";
    size_t pages = 0, hits = 0;
    int64_t before = INT64_MAX;
    world_open(&w);
    for (int i = 0; i < 20; i++) {
        snprintf(session, sizeof(session), "s%d", i);
        w.now_us = (int64_t)(tap_random() % 10) * 1000000;
        turn(&w, "ann", session, 1, "alpha", "alpha");
    }
    do {
        const struct store_op *op =
            search_page(&w, "ann", "alpha", 7, text(cursor));
        CHECK(op->search.count <= 7);
        for (size_t i = 0; i < op->search.count; i++) {
            CHECK(op->search.hits[i].timestamp_us <= before);
            before = op->search.hits[i].timestamp_us;
        }
        hits += op->search.count;
        snprintf(
            cursor, sizeof(cursor), "%.*s", STR_ARG(op->search.next_cursor));
        pages++;
    } while (cursor[0] != '\0');
    CHECK_INT(hits, 40);
    CHECK_INT(pages, 6);
    world_close(&w);
}

TEST(a_page_that_holds_all_hits_has_no_next)
{
    struct world w;
    world_open(&w);
    turn(&w, "ann", "s1", 1, "alpha", "alpha");
    search_page(&w, "ann", "alpha", 2, (struct str){0});
    CHECK_INT(w.last->search.count, 2);
    CHECK(w.last->search.next_cursor.p == NULL);
    world_close(&w);
}

static enum rc search_with(
    struct world *w, const char *cursor, const char *term, size_t limit)
{
    struct store_op *op = world_op(w, STORE_SEARCH, "ann");
    struct store_search_query *q =
        ARENA_NEW(op->arena, struct store_search_query);
    q->terms[0].text = store_op_str(op, text(term));
    q->term_count = 1;
    op->search.query = q;
    op->search.limit = limit;
    op->search.cursor = store_op_str(op, text(cursor));
    return world_run(w, op);
}

TEST(bad_cursors_terms_and_limits_are_refused)
{
    static const char *const bad[] = {"x", "1", "1.", ".1", "1.x", "1.-1"};
    struct world w;
    world_open(&w);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_INT(search_with(&w, bad[i], "a", 5), RC_INVALID);
    CHECK_INT(search_with(&w, "", "a", 0), RC_INVALID);
    CHECK_INT(search_with(&w, "", "", 5), RC_INVALID);
    CHECK_INT(search_with(&w, "", "a\" OR \"b", 5), RC_INVALID);
    CHECK_INT(search_with(&w, "", "a' | 'b", 5), RC_INVALID);
    CHECK_INT(search_with(&w, "", "a b", 5), RC_OK);
    world_close(&w);
}

TEST(nobody_finds_what_is_somebody_elses)
{
    struct world w;
    world_open(&w);
    turn(&w, "ann", "s1", 1, "the secret of ann", "kept");
    turn(&w, "bob", "s2", 1, "the secret of bob", "kept");
    CHECK_FOUND("ann", "secret", "s1-q1");
    CHECK_FOUND("bob", "secret", "s2-q1");
    CHECK_FOUND("an", "secret", "");
    CHECK_FOUND("", "secret", "");
    CHECK_FOUND("ann", "bob", "");
    /* The words by which the index knows owners and kinds are no words. */
    CHECK_FOUND("ann", "o616e6e", "");
    CHECK_FOUND("ann", "user", "");
    CHECK_FOUND("ann", "title", "");
    world_close(&w);
}

TEST(a_reply_is_found_when_it_has_ended)
{
    struct world w;
    world_open(&w);
    CHECK_INT(world_ask(&w, "ann", "s1", 1, "count"), RC_OK);
    CHECK_INT(world_events(&w, "s1-a1", 2, 3), RC_OK);
    CHECK_FOUND("ann", "3 from:assistant", "");
    CHECK_INT(world_answer(&w, "ann", "s1", 1, STORE_STOPPED, "2 3 4"), RC_OK);
    CHECK_FOUND("ann", "3 from:assistant", "s1-a1");
    world_close(&w);
}

TEST(a_regenerated_reply_is_found_by_its_new_text_only)
{
    struct world w;
    world_open(&w);
    turn(&w, "ann", "s1", 1, "say", "formerly this");
    struct store_op *op = world_op(&w, STORE_REGENERATE, "ann");
    op->regenerate.session_id = STR("s1");
    op->regenerate.message_id = STR("s1-a1");
    op->regenerate.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_FOUND("ann", "this", "");
    CHECK_INT(
        world_answer(&w, "ann", "s1", 1, STORE_COMPLETE, "lately that"), RC_OK);
    CHECK_FOUND("ann", "formerly", "");
    CHECK_FOUND("ann", "lately", "s1-a1");
    world_close(&w);
}

/* What is not shown is found where it stands and marked; other variants of a
 * message are not searched. */
TEST(of_an_edited_message_the_variant_shown_is_found)
{
    struct world w;
    world_open(&w);
    turn(&w, "ann", "s1", 1, "alpha formerly", "beta");
    struct store_op *op = world_op(&w, STORE_EDIT_TURN, "ann");
    op->edit_turn.message_id = STR("s1-q1");
    op->edit_turn.new_reply_id = STR("s1-a2");
    op->edit_turn.content = STR("alpha lately");
    op->edit_turn.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_INT(world_answer(&w, "ann", "s1", 2, STORE_COMPLETE, "gamma"), RC_OK);
    CHECK_FOUND("ann", "formerly", "");
    CHECK_FOUND("ann", "lately", "s1-q1");
    CHECK(!w.last->search.hits[0].hidden);
    CHECK_FOUND("ann", "gamma", "s1-a2");
    CHECK_FOUND("ann", "beta", "s1-a1");
    CHECK(w.last->search.hits[0].hidden);
    op = world_op(&w, STORE_SWITCH_VARIANT, "ann");
    op->switch_variant.message_id = STR("s1-q1");
    op->switch_variant.variant = 1;
    op->switch_variant.now_us = w.now_us;
    CHECK_INT(world_run(&w, op), RC_OK);
    CHECK_FOUND("ann", "lately", "");
    CHECK_FOUND("ann", "formerly", "s1-q1");
    CHECK_FOUND("ann", "beta", "s1-a1");
    CHECK(!w.last->search.hits[0].hidden);
    CHECK_FOUND("ann", "gamma", "s1-a2");
    CHECK(w.last->search.hits[0].hidden);
    world_close(&w);
}

static void update(struct world *w, const char *title, bool archived)
{
    struct store_op *op = world_op(w, STORE_UPDATE_SESSION, "ann");
    struct store_update_session *u = &op->update_session;
    u->session_id = STR("s1");
    u->set_title = u->set_archived = true;
    u->title = store_op_str(op, text(title));
    u->archived = archived;
    u->now_us = w->now_us;
    CHECK_INT(world_run(w, op), RC_OK);
}

TEST(a_renamed_chat_is_found_by_its_new_title)
{
    struct world w;
    world_open(&w);
    turn(&w, "ann", "s1", 1, "The first question", "-");
    CHECK_FOUND("ann", "untitled", "s1");
    update(&w, "Plans for Lyon", false);
    CHECK_FOUND("ann", "untitled", "");
    CHECK_FOUND("ann", "lyon", "s1");
    update(&w, "", true);
    CHECK_FOUND("ann", "lyon", "");
    CHECK_FOUND("ann", "question in:title", "s1");
    CHECK(w.last->search.hits[0].archived);
    world_close(&w);
}

static enum rc put_away(
    struct world *w, const char *session, enum store_verb verb)
{
    struct store_op *op = world_op(w, verb, "ann");
    struct str id = store_op_str(op, text(session));
    if (verb == STORE_DELETE_SESSION)
        op->delete_session.session_id = id;
    else if (verb == STORE_RESTORE_SESSION)
        op->restore_session.session_id = id;
    else
        op->erase_session.session_id = id;
    return world_run(w, op);
}

TEST(a_chat_in_the_trash_is_not_found_until_it_is_back)
{
    struct world w;
    world_open(&w);
    world_turn(&w, "ann", "s1", 1, "alpha", "alpha");
    world_turn(&w, "ann", "s2", 1, "alpha", "beta");
    CHECK_INT(put_away(&w, "s1", STORE_DELETE_SESSION), RC_OK);
    CHECK_FOUND("ann", "alpha", "s2-q1 s2");
    CHECK_INT(put_away(&w, "s1", STORE_RESTORE_SESSION), RC_OK);
    CHECK_FOUND("ann", "alpha from:me", "s2-q1 s1-q1");
    CHECK_INT(put_away(&w, "s1", STORE_DELETE_SESSION), RC_OK);
    CHECK_INT(put_away(&w, "s1", STORE_ERASE_SESSION), RC_OK);
    CHECK_FOUND("ann", "alpha", "s2-q1 s2");
    world_turn(&w, "ann", "s1", 1, "alpha", "gamma");
    CHECK_FOUND("ann", "gamma", "s1-a1");
    world_close(&w);
}

TEST(letters_of_all_scripts_are_words)
{
    struct world w;
    world_open(&w);
    turn(&w, "ann", "s1", 1, "Crème brûlée, naïve café", "Größe ÄÖÜ straße");
    turn(&w, "ann", "s2", 1, "Привет, МИР", "όχι ΟΔΟΣ");
    turn(&w, "ann", "s3", 1, "हिन्दी में लिखो", "שלום עולם");
    turn(&w, "ann", "s4", 1, "İstanbul IĞDIR", "cafe\xcc\x81 ok");
    CHECK_FOUND("ann", "creme BRULEE", "s1-q1");
    CHECK_FOUND("ann", "café", "s4-a1 s1-q1");
    CHECK_FOUND("ann", "cafe", "s4-a1 s1-q1");
    CHECK_FOUND("ann", "grosse", "");
    CHECK_FOUND("ann", "große", "s1-a1");
    CHECK_FOUND("ann", "GRÖßE äöü", "s1-a1");
    CHECK_FOUND("ann", "привет мир", "s2-q1");
    CHECK_FOUND("ann", "οδος", "s2-a1");
    CHECK_FOUND("ann", "όχι", "s2-a1");
    CHECK_FOUND("ann", "हिन्दी", "s3-q1");
    CHECK_FOUND("ann", "שלום", "s3-a1");
    CHECK_FOUND("ann", "istanbul", "s4-q1");
    CHECK_FOUND("ann", "İSTANBUL", "s4-q1");
    CHECK_FOUND("ann", "igdir", "s4-q1");
    CHECK_SHOWN("ann", "brulee", "Crème [brûlée], naïve café");
    CHECK_SHOWN("ann", "ok cafe", "[cafe\xcc\x81] [ok]");
    CHECK_SHOWN("ann", "мир", "Привет, [МИР]");
    world_close(&w);
}

TEST(scripts_without_spaces_are_found_anywhere)
{
    struct world w;
    world_open(&w);
    turn(&w, "ann", "s1", 1, "我在北京工作。你呢？",
        "東京タワーは高いAPI文档です");
    turn(&w, "ann", "s2", 1, "上海 北京", "สวัสดีครับ 안녕하세요");
    CHECK_FOUND("ann", "北京", "s2-q1 s1-q1");
    CHECK_FOUND("ann", "北京 -工作", "s2-q1");
    CHECK_FOUND("ann", "\"上海北京\"", "");
    CHECK_FOUND("ann", "\"上海 北京\"", "s2-q1");
    CHECK_FOUND("ann", "タワー", "s1-a1");
    CHECK_FOUND("ann", "api文档", "s1-a1");
    CHECK_FOUND("ann", "สวัสดี", "s2-a1");
    CHECK_FOUND("ann", "안녕*", "s2-a1");
    CHECK_FOUND("ann", "南京", "");
    CHECK_FOUND("bob", "北京", "");
    CHECK_SHOWN("ann", "工作", "我在北京[工作]。你呢？");
    world_close(&w);
}

TEST(a_search_that_looks_into_texts_goes_on_over_pages)
{
    struct world w;
    char session[16];
    world_open(&w);
    for (int i = 0; i < 130; i++) {
        snprintf(session, sizeof(session), "s%d", i);
        turn(&w, "ann", session, 1, i % 65 == 0 ? "看北京" : "看", "x");
    }
    CHECK_FOUND("ann", "北京", "s65-q1 s0-q1");
    search_page(&w, "ann", "北京", 1, (struct str){0});
    CHECK_INT(w.last->search.count, 1);
    struct str cursor = w.last->search.next_cursor;
    char kept[64];
    snprintf(kept, sizeof(kept), "%.*s", STR_ARG(cursor));
    search_page(&w, "ann", "北京", 1, text(kept));
    CHECK_INT(w.last->search.count, 1);
    CHECK_STR(w.last->search.hits[0].message_id, STR("s0-q1"));
    world_close(&w);
}

/* What the two databases' own languages would take for an operator. */
TEST(the_languages_of_the_databases_are_plain_text)
{
    static const char *const queries[] = {"alpha AND beta", "alpha OR gamma",
        "NEAR(alpha beta)", "body:alpha", "facts:o616e6e", "{body}:alpha",
        "alpha^2", "^alpha", "alpha+beta", "alpha & beta", "alpha | gamma",
        "!alpha", "alpha <-> beta", "alpha:A", "alpha:*", "'alpha'", "\"alpha",
        "alpha''beta", "alpha\\beta", "alpha;DROP TABLE messages", "$1", "%s%n",
        "alpha'); --", "\\'alpha", "(alpha", "alpha)"};
    struct world w;
    world_open(&w);
    turn(&w, "ann", "s1", 1, "alpha beta", "alpha OR gamma AND NEAR drop");
    turn(&w, "bob", "s2", 1, "alpha beta", "near");
    for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
        const char *ids = found(&w, "ann", queries[i]);
        CHECK(strstr(ids, "s2") == NULL);
    }
    CHECK_FOUND("ann", "alpha OR gamma", "s1-a1");
    CHECK_FOUND("ann", "alpha AND beta", "");
    CHECK_FOUND("ann", "alpha | beta", "s1-q1");
    CHECK_FOUND("ann", "!alpha beta", "s1-q1");
    CHECK_FOUND("ann", "body:alpha", "");
    CHECK_FOUND("ann", "\"alpha", "s1-a1 s1-q1");
    world_close(&w);
}

TEST(a_snippet_is_a_piece_around_the_first_match)
{
    struct world w;
    char big[4000];
    size_t n = 0;
    world_open(&w);
    for (int i = 0; i < 100; i++)
        n += (size_t)snprintf(
            big + n, sizeof(big) - n, "word%d %s", i, i == 50 ? "needle " : "");
    turn(&w, "ann", "s1", 1, big, "Ends with the needle");
    CHECK_SHOWN("ann", "needle from:me",
        "word43 word44 word45 word46 word47 word48 word49 word50 [needle]"
        " word51 word52 word53 word54 word55 word56 word57 word58 word59"
        " word60 word61 word62 word63 word64 word65 word66 word67 word68"
        " word69 word70 ");
    CHECK(w.last->search.hits[0].snippet.cut_before);
    CHECK(w.last->search.hits[0].snippet.cut_after);
    CHECK_SHOWN("ann", "needle from:assistant", "Ends with the [needle]");
    CHECK(!w.last->search.hits[0].snippet.cut_before);
    CHECK(!w.last->search.hits[0].snippet.cut_after);
    world_close(&w);
}

/* Emoji, marks, private use, markup: shown as they are, never cut in two. */
TEST(odd_texts_are_shown_as_they_are)
{
    struct world w;
    world_open(&w);
    turn(&w, "ann", "s1", 1,
        "\xee\x80\x80needle\xee\x80\x81 <b>needle</b> [needle]\x02needle\x03",
        "👩‍👩‍👧needle🎉needle");
    CHECK_SHOWN("ann", "needle from:me",
        "\xee\x80\x80[needle]\xee\x80\x81 <b>[needle]</b> [[needle]]"
        "\x02[needle]\x03");
    CHECK_SHOWN("ann", "needle from:assistant",
        "👩‍👩‍👧[needle]🎉[needle]");
    world_close(&w);
}

static char *long_text(size_t words, const char *last)
{
    char *big = mem_alloc(words * 16 + 64);
    size_t n = 0;
    for (size_t i = 0; i < words; i++)
        n += (size_t)snprintf(big + n, 16, "w%zx ", i * 2654435761u % 99991);
    snprintf(big + n, 64, "%s", last);
    return big;
}

TEST(very_long_messages_are_stored_and_found)
{
    struct world w;
    char *big = long_text(20000, "needle");
    char *huge = long_text(200000, "beyond");
    char *run = mem_zalloc(1000001);
    for (size_t i = 0; i < 1000000; i++)
        run[i] = (char)('a' + i % 26);
    world_open(&w);
    turn(&w, "ann", "s1", 1, big, huge);
    turn(&w, "ann", "s2", 1, run, "end");
    CHECK_FOUND("ann", "needle", "s1-q1");
    CHECK_FOUND("ann", "w0 from:assistant", "s1-a1");
    CHECK_FOUND("ann", "abcdef* from:me", "s2-q1");
    CHECK(w.last->search.hits[0].snippet.text.n < 300);
    world_close(&w);
    mem_free(big);
    mem_free(huge);
    mem_free(run);
}
