#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "store/search_language.h"
#include "store/snippet.h"

/*
 * The first line of the input is typed, the rest is the text that it is looked
 * for in: it is a query or a sentence, and what is shown can be shown.
 */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void check_snippet(const struct store_snippet *s)
{
    size_t at = 0;
    assert(utf8_valid(s->text));
    for (size_t i = 0; i < s->match_count; i++) {
        assert(s->matches[i].begin >= at);
        assert(s->matches[i].end > s->matches[i].begin);
        assert(s->matches[i].end <= s->text.n);
        assert(utf8_valid(str_sub(s->text, 0, s->matches[i].begin)));
        assert(utf8_valid(str_sub(s->text, 0, s->matches[i].end)));
        at = s->matches[i].end;
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct str all = {(const char *)data, size}, typed, text, error;
    struct store_search_query query = {0};
    struct arena *arena = arena_new();
    str_cut(all, '\n', &typed, &text);
    enum rc rc = search_language_parse(typed, arena, &query, &error);
    assert((rc == RC_OK) == (error.n == 0));
    if (rc == RC_OK) {
        struct finder *f = finder_new(arena, &query);
        text.n = utf8_valid_prefix(text);
        (void)finder_accepts(f, text);
        struct store_snippet s = finder_snippet(f, text, arena);
        check_snippet(&s);
    }
    arena_free(arena);
    return 0;
}
