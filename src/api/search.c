#include "store/search_language.h"
#include "store/words.h"

#include "api/api_int.h"

/* Search over one's messages and titles. */

enum { DEFAULT_HITS = 20, MAX_HITS = 100 };

/* Counts UTF-16 code units of a text from place to place, never back. */
struct units {
    struct str text;
    size_t bytes;
    int64_t count;
};

static int64_t units_before(struct units *u, size_t bytes)
{
    struct word_char c;
    while (u->bytes < bytes && word_char_at(u->text, u->bytes, &c)) {
        u->bytes = c.end;
        u->count += c.code > 0xffff ? 2 : 1;
    }
    return u->count;
}

static void put_snippet(struct json_writer *w, const struct store_snippet *s)
{
    struct units units = {.text = s->text};
    json_begin_object(w);
    json_member_str(w, "text", s->text);
    json_key(w, "matches");
    json_begin_array(w);
    for (size_t i = 0; i < s->match_count; i++) {
        json_begin_array(w);
        json_put_int(w, units_before(&units, s->matches[i].begin));
        json_put_int(w, units_before(&units, s->matches[i].end));
        json_end_array(w);
    }
    json_end_array(w);
    json_member_bool(w, "cut_before", s->cut_before);
    json_member_bool(w, "cut_after", s->cut_after);
    json_end_object(w);
}

static void put_hit(struct json_writer *w, const struct store_hit *hit)
{
    bool title = hit->message_id.p == NULL;
    const char *role = title ? NULL : store_role_name(hit->role);
    json_begin_object(w);
    json_member_str(w, "session_id", hit->session_id);
    json_member_str(w, "title", hit->title);
    json_member_opt(w, "message_id", hit->message_id);
    json_member_opt(w, "role", str_from_c(role));
    json_member_opt(w, "rating", str_from_c(store_rating_name(hit->rating)));
    api_member_time(w, "timestamp", hit->timestamp_us);
    json_member_bool(w, "archived", hit->archived);
    json_member_bool(w, "hidden", hit->hidden);
    json_key(w, "snippet");
    put_snippet(w, &hit->snippet);
    json_end_object(w);
}

static void refuse(
    struct http_request *http, const char *field, const char *sentence)
{
    problem_respond(http, PROBLEM_INVALID_REQUEST, sentence,
        &(struct problem_extra){.field = field});
}

static void on_found(struct store_op *op)
{
    struct api_request *r = op->ctx;
    const struct store_search *s = &op->search;
    struct buf out;
    struct json_writer w;
    if (op->rc == RC_INVALID) { /* the query was ours, the cursor is not */
        store_op_free(op);
        r->op = NULL;
        http_request_on_gone(r->http, NULL, NULL);
        refuse(r->http, "cursor",
            "Query value 'cursor' is not one this server gave out.");
        return;
    }
    if (!api_store_done(r, op))
        return;
    buf_init(&out, API_MAX_JSON);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_key(&w, "results");
    json_begin_array(&w);
    for (size_t i = 0; i < s->count; i++)
        put_hit(&w, &s->hits[i]);
    json_end_array(&w);
    json_member_opt(&w, "next_cursor", s->next_cursor);
    json_end_object(&w);
    store_op_free(op);
    api_respond_json(r->http, 200, &out);
}

static const struct api_field search_query_fields[] = {
    {.name = "q",
        .type = API_TEXT,
        .may_be_empty = true,
        .required = true,
        .help =
            "Words, \"a phrase\", pref*, -not, in:title, from:me, rating:up, "
            "after:2026-01-31, before:2026-01-31.",
        .example = "\"bread\""},
    {.name = "limit",
        .type = API_INT,
        .min = 1,
        .most = MAX_HITS,
        .help = "Hits of a page; default 20."},
    {.name = "cursor",
        .type = API_TEXT,
        .may_be_empty = true,
        .help = "next_cursor of the page before."},
};
const struct api_schema api_search_query = {"", search_query_fields,
    sizeof(search_query_fields) / sizeof(*search_query_fields)};

void api_search(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    struct str error;
    if (!api_check_query(http, &api_search_query))
        return;
    struct store_op *op = api_store_op(r, STORE_SEARCH, on_found);
    struct store_search_query *query =
        ARENA_NEW(op->arena, struct store_search_query);
    struct str text = store_op_str(op, api_query_text(http, "q"));
    if (search_language_parse(text, op->arena, query, &error) != RC_OK) {
        refuse(http, "q", arena_c_str(op->arena, error));
        store_op_free(op);
        return;
    }
    op->search.query = query;
    op->search.limit = (size_t)api_query_int(http, "limit", DEFAULT_HITS);
    op->search.cursor = store_op_str(op, api_query_text(http, "cursor"));
    api_store_submit(r, op);
}
