#include <inttypes.h>

#include "base/buf.h"
#include "base/num.h"

#include "store/snippet.h"
#include "store/sql/verbs.h"
#include "store/words.h"

/*
 * Search. The tables and what keeps them are in schema_search.c. The index
 * narrows a search to the documents of one person that have all the words;
 * terms that no index is for (snippet.h) are then looked for in the texts.
 */

enum {
    MAX_LIMIT = 1000,
    MAX_MATCH = 64 << 10, /* bytes of what the index is asked */
    LOOK_BATCH = 100,     /* texts read at once to look into them */
    MAX_LOOKED = 10000,   /* texts looked into for one page */
    SECOND = 65536,       /* places of documents in a second */
};

#define RATING                                                                 \
    "(SELECT r.rating FROM message_ratings r WHERE r.message_id ="             \
    " m.message_id AND r.user_id = m.user_id ORDER BY r.created_at DESC"       \
    " LIMIT 1)"

/* $1 user, $2 match, $3 and $4 place and tie before which, $5 from which. */
#define SEARCH(place, tie, from, where, order)                                 \
    "SELECT " place ", " tie ", s.session_id, d.message_id,"                   \
    " coalesce(nullif(s.title, ''), s.first_query, ''), m.role, " RATING ","   \
    " m.timestamp, m.created_at, s.created_at, s.timestamp, s.archived,"       \
    " m.hidden, m.content FROM " from                                          \
    " LEFT JOIN messages m ON m.message_id = d.message_id"                     \
    " JOIN sessions s ON s.session_id = coalesce(d.session_id, m.session_id)"  \
    " WHERE " where " AND s.user_id = $1"                                      \
    " AND (d.message_id IS NULL OR m.user_id = $1)"                            \
    " AND s.deleted_at IS NULL AND ($6 = '' OR " RATING " = $6)"               \
    " ORDER BY " order " LIMIT $7"

static const struct sql SQL_SEARCH = SQL_EACH(
    SEARCH("i.rowid", "0",
        "search_index i CROSS JOIN search_documents d ON d.doc = i.rowid",
        "i.search_index MATCH $2 AND i.rowid < $3 AND $4 >= 0"
        " AND i.rowid >= $5",
        "i.rowid DESC"),
    SEARCH("d.place", "d.doc", "search_documents d",
        "d.words @@ (CAST($2 AS text)::tsquery &&"
        " CAST('''#o' || md5($1) || '''' AS tsquery))"
        " AND (d.place, d.doc) < ($3, $4) AND d.place >= $5",
        "d.place DESC, d.doc DESC"));

/* PostgreSQL's own notion of the words of each term. */
static const struct sql SQL_WORDS = SQL_EACH("SELECT ''",
    "SELECT array_to_string(search_words(t), ' ')"
    " FROM unnest(string_to_array($1, chr(10))) WITH ORDINALITY AS u(t, n)"
    " ORDER BY n");

/* Only letters, digits and spaces; something must be wanted. */
static bool query_is_valid(const struct store_search_query *q)
{
    struct word_char c;
    bool wanted = false;
    if (q == NULL || q->term_count > STORE_MAX_TERMS)
        return false;
    for (size_t i = 0; i < q->term_count; i++) {
        struct str text = q->terms[i].text;
        for (size_t at = 0; word_char_at(text, at, &c); at = c.end) {
            if (!word_char_in_word(&c) && c.code != ' ')
                return false;
        }
        wanted = wanted || (!q->terms[i].excluded && text.n > 0);
    }
    return wanted;
}

/* The owner and the kind, as FTS5 reads them. */
static void put_facts(struct buf *out, const struct store_op *op)
{
    const struct store_search_query *q = op->search.query;
    buf_append(out, STR("facts : (\"o"));
    for (size_t i = 0; i < op->user_id.n; i++)
        buf_printf(out, "%02X", (unsigned char)op->user_id.p[i]);
    buf_append_char(out, '"');
    if (q->titles_only || q->has_role)
        buf_printf(out, " AND %s",
            q->titles_only ? "title" : store_role_name(q->role));
    buf_append_char(out, ')');
}

/* FTS5: (facts : (...) AND body : "a b" AND body : "c" *) NOT body : "d" */
static void put_match(struct buf *out, const struct store_op *op)
{
    const struct store_search_query *q = op->search.query;
    buf_append_char(out, '(');
    put_facts(out, op);
    for (int excluded = 0; excluded < 2; excluded++) {
        for (size_t i = 0; i < q->term_count; i++) {
            const struct store_term *term = &q->terms[i];
            if (term->excluded != excluded || !term_is_indexed(term))
                continue;
            buf_printf(out, " %s body : \"%.*s\"%s", excluded ? "NOT" : "AND",
                STR_ARG(term->text), term->prefix ? " *" : "");
        }
        if (!excluded)
            buf_append_char(out, ')');
    }
}

/* tsquery: ('a' <-> 'b') */
static void put_phrase(struct buf *out, struct str words, bool prefix)
{
    struct str word;
    const char *before = "(";
    for (bool more = true; more; before = " <-> ") {
        more = str_cut(words, ' ', &word, &words);
        buf_printf(out, "%s'%.*s'%s", before, STR_ARG(word),
            !more && prefix ? ":*" : "");
    }
    buf_append_char(out, ')');
}

/* tsquery: '#user' & ('a' <-> 'b') & ('c':*) & !('d') */
static enum rc put_tsquery(
    struct buf *out, struct db *db, const struct store_op *op)
{
    const struct store_search_query *q = op->search.query;
    struct buf terms;
    buf_init(&terms, MAX_MATCH);
    for (size_t i = 0; i < q->term_count; i++)
        buf_printf(
            &terms, "%s%.*s", i > 0 ? "\n" : "", STR_ARG(q->terms[i].text));
    buf_printf(out, "'#%s'",
        q->titles_only ? "title"
        : q->has_role  ? store_role_name(q->role)
                       : "any");
    struct query words = query_start(db, &SQL_WORDS);
    query_text(&words, buf_str(&terms));
    for (size_t i = 0; i < q->term_count && query_row(&words); i++) {
        struct str text = query_col_view(&words, 0);
        if (!term_is_indexed(&q->terms[i]))
            continue;
        buf_append(out, q->terms[i].excluded ? STR(" & !") : STR(" & "));
        put_phrase(out, text.n == 0 ? STR("#none") : text, q->terms[i].prefix);
    }
    enum rc rc = query_end(&words);
    buf_release(&terms);
    return rc;
}

struct page {
    struct finder *finder;
    struct str match;
    int64_t place, tie; /* what is shown lies before */
    int64_t from;
    size_t looked;
    bool more;
};

/* Rounded up: the first second that is not before. */
static int64_t place_of(int64_t us)
{
    int64_t second = us / 1000000 + (us % 1000000 > 0);
    return second * SECOND;
}

/* A cursor is the place of the last hit shown: "PLACE.TIE". */
static enum rc parse_cursor(struct str cursor, struct page *p)
{
    struct str place, tie;
    int64_t before, before_tie;
    if (cursor.n == 0)
        return RC_OK;
    if (!str_cut(cursor, '.', &place, &tie) ||
        num_parse_i64(place, INT64_MIN, INT64_MAX, &before) != RC_OK ||
        num_parse_i64(tie, 0, INT64_MAX, &before_tie) != RC_OK)
        return RC_INVALID;
    if (before < p->place) {
        p->place = before;
        p->tie = before_tie;
    }
    return RC_OK;
}

static int64_t time_of(const struct query *q, int first, int second)
{
    int64_t us = query_col_time(q, first);
    return us != 0 ? us : query_col_time(q, second);
}

/* The row as a hit, unless a text that was looked into does not have it. */
static void take_row(const struct query *q, struct store_op *op, struct page *p)
{
    struct store_search *s = &op->search;
    struct str id = query_col_view(q, 3);
    struct str text = query_col_view(q, id.p == NULL ? 4 : 13);
    if (!finder_accepts(p->finder, text))
        return;
    s->hits = array_grow(op->arena, s->hits, s->count, sizeof(*s->hits));
    s->hits[s->count++] = (struct store_hit){
        .session_id = query_col_text(q, 2, op->arena),
        .message_id = query_col_text(q, 3, op->arena),
        .title = query_col_text(q, 4, op->arena),
        .role = store_role_parse(query_col_view(q, 5)),
        .rating = store_rating_parse(query_col_view(q, 6)),
        .timestamp_us = id.p == NULL ? time_of(q, 9, 10) : time_of(q, 7, 8),
        .archived = query_col_int(q, 11) != 0,
        .hidden = query_col_int(q, 12) != 0,
        .snippet = finder_snippet(p->finder, text, op->arena),
    };
}

/* Reads rows until the page is full; p->more: there may be another one. */
static enum rc take_batch(
    struct db *db, struct store_op *op, struct page *p, size_t batch)
{
    struct store_search *s = &op->search;
    const struct store_search_query *given = s->query;
    size_t rows = 0;
    struct query q = query_start(db, &SQL_SEARCH);
    query_text(&q, op->user_id);
    query_text(&q, p->match);
    query_int(&q, p->place);
    query_int(&q, p->tie);
    query_int(&q, p->from);
    query_given(&q, str_from_c(store_rating_name(given->rating)));
    query_int(&q, (int64_t)batch);
    p->more = false;
    while (!p->more && query_row(&q)) {
        p->more = s->count == s->limit;
        if (p->more)
            break;
        p->place = query_col_int(&q, 0);
        p->tie = query_col_int(&q, 1);
        rows++;
        take_row(&q, op, p);
    }
    p->looked += rows;
    p->more = p->more || rows == batch;
    return query_end(&q);
}

static enum rc take_page(struct db *db, struct store_op *op, struct page *p)
{
    struct store_search *s = &op->search;
    bool looks = finder_looks(p->finder);
    enum rc rc;
    do {
        rc = take_batch(db, op, p, looks ? LOOK_BATCH : s->limit + 1);
    } while (rc == RC_OK && p->more && s->count < s->limit &&
             p->looked < MAX_LOOKED);
    if (rc == RC_OK && p->more)
        s->next_cursor =
            arena_printf(op->arena, "%" PRId64 ".%" PRId64, p->place, p->tie);
    return rc;
}

/* What the index is asked, in its own language. */
static enum rc make_match(struct db *db, struct store_op *op, struct page *p)
{
    struct buf out;
    enum rc rc = RC_OK;
    buf_init(&out, MAX_MATCH);
    if (db_is_postgres(db))
        rc = put_tsquery(&out, db, op);
    else
        put_match(&out, op);
    if (rc == RC_OK && !buf_ok(&out))
        rc = RC_TOO_LARGE;
    if (rc == RC_OK)
        p->match = arena_str(op->arena, buf_str(&out));
    buf_release(&out);
    return rc;
}

enum rc verb_search(struct db *db, struct store_op *op)
{
    struct store_search *s = &op->search;
    const struct store_search_query *q = s->query;
    struct page p = {.place = INT64_MAX, .from = INT64_MIN};
    s->hits = NULL;
    s->count = 0;
    s->next_cursor = (struct str){0};
    if (!query_is_valid(q) || s->limit == 0 || s->limit > MAX_LIMIT)
        return RC_INVALID;
    p.place = q->until_us != 0 ? place_of(q->until_us) : p.place;
    p.from = q->from_us != 0 ? place_of(q->from_us) : p.from;
    enum rc rc = parse_cursor(s->cursor, &p);
    if (rc == RC_OK)
        rc = make_match(db, op, &p);
    if (rc != RC_OK)
        return rc;
    p.finder = finder_new(op->arena, q);
    return take_page(db, op, &p);
}
