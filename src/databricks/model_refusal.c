#include "base/num.h"

#include "databricks/model_refusal.h"

/* What a field is called in requests; NULL ends the list. */
static const struct {
    enum model_field field;
    const char *names[6];
} fields[] = {
    {MODEL_FIELD_TEMPERATURE, {"temperature"}},
    {MODEL_FIELD_MAX_TOKENS,
        {"max_tokens", "max_output_tokens", "max_completion_tokens"}},
    {MODEL_FIELD_THINKING, {"thinking", "budget_tokens", "output_config",
                               "reasoning_effort", "reasoning"}},
    {MODEL_FIELD_TRACE, {"databricks_options", "return_trace"}},
    {MODEL_FIELD_CONTEXT, {"context", "conversation_id", "user_id"}},
    {MODEL_FIELD_STREAM, {"stream", "streaming", "Streaming"}},
    {MODEL_FIELD_FORM, {"messages", "input"}},
};

#define FIELD_COUNT (sizeof(fields) / sizeof(*fields))

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_';
}

/* Position of word in s from `at` on, not as a part of a longer one; or n. */
static size_t find_word(struct str s, struct str word, size_t at)
{
    while (at < s.n) {
        size_t i = at + str_find(str_sub(s, at, s.n), word);
        if (i >= s.n)
            return s.n;
        size_t end = i + word.n;
        if ((i == 0 || !is_word(s.p[i - 1])) &&
            (end == s.n || !is_word(s.p[end])))
            return i;
        at = i + 1;
    }
    return s.n;
}

static bool contains(struct str s, const char *phrase)
{
    return str_find(s, str_from_c(phrase)) < s.n;
}

/* The name stands in quotes behind words that refuse a field. */
static bool quoted(struct str s, size_t at)
{
    static const char *const before[] = {"unknown field ",
        "unrecognized request argument supplied: ", "unsupported parameter: ",
        "unknown parameter: ", "required parameter: ", "parameter: "};
    size_t quote = at > 0 && (s.p[at - 1] == '"' || s.p[at - 1] == '\'' ||
                                 s.p[at - 1] == '`');
    struct str head = str_sub(s, 0, at - quote);
    for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
        struct str words = str_from_c(before[i]);
        if (head.n >= words.n &&
            str_eq_nocase(str_sub(head, head.n - words.n, words.n), words))
            return true;
    }
    return false;
}

/* "thinking.budget_tokens: Input should be ..." at the message's beginning. */
static bool leads(struct str s, size_t at, struct str name)
{
    struct str head = str_sub(s, 0, at);
    struct str rest = str_sub(s, at + name.n, s.n);
    bool first = head.n == 0 || str_ends_with(head, STR(": "));
    size_t colon = str_find(rest, STR(": "));
    if (!first || colon >= rest.n)
        return false;
    for (size_t i = 0; i < colon; i++)
        if (!is_word(rest.p[i]) && rest.p[i] != '.')
            return false;
    return true;
}

/* Words that speak of a parameter as of something the model has not. */
static bool refuses(struct str s)
{
    return contains(s, "not support") || contains(s, "not permitted") ||
           contains(s, "nsupported") || contains(s, "not allowed") ||
           contains(s, "may only be set") || contains(s, "deprecated");
}

/* Names that are also everyday words want to be quoted. */
static bool everyday(enum model_field field)
{
    return field == MODEL_FIELD_CONTEXT || field == MODEL_FIELD_FORM;
}

static bool names(struct str s, enum model_field field, struct str name)
{
    for (size_t at = find_word(s, name, 0); at < s.n;
         at = find_word(s, name, at + 1)) {
        if (quoted(s, at))
            return true;
        if (everyday(field))
            continue;
        if (leads(s, at, name) || refuses(s))
            return true;
    }
    return false;
}

static bool was_sent(
    const struct databricks_chat_request *sent, enum model_field field)
{
    switch (field) {
    case MODEL_FIELD_TEMPERATURE:
        return sent->has_temperature;
    case MODEL_FIELD_MAX_TOKENS:
        return sent->max_tokens > 0;
    case MODEL_FIELD_THINKING:
        return sent->thinking != DATABRICKS_THINKING_UNSAID;
    case MODEL_FIELD_TRACE:
        return sent->return_trace;
    case MODEL_FIELD_CONTEXT:
        return sent->task != DATABRICKS_TASK_CHAT;
    case MODEL_FIELD_STREAM:
        return sent->stream;
    case MODEL_FIELD_FORM:
        return true;
    }
    return false;
}

/* The largest number below what was asked for that the sentence names. */
static int64_t cap_named(struct str s, int64_t asked)
{
    int64_t found = 0, n;
    size_t i = 0;
    while (i < s.n) {
        size_t begin = i;
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
            i++;
        if (i > begin && (begin == 0 || !is_word(s.p[begin - 1])) &&
            num_parse_i64(str_sub(s, begin, i - begin), 1, asked - 1, &n) ==
                RC_OK &&
            n > found)
            found = n;
        i += i == begin;
    }
    return found;
}

static bool speaks_of_a_cap(struct str s)
{
    return contains(s, "cannot exceed") || contains(s, "maximum") ||
           contains(s, "at most") || contains(s, "too large") ||
           contains(s, "less than or equal");
}

/*
 * "max_tokens (10000) cannot exceed 8192": the second number. Words about the
 * whole window of a model are no cap of the answer.
 */
static bool read_cap(struct str s, const struct databricks_chat_request *sent,
    struct model_refusal *ret)
{
    for (size_t i = 0; fields[1].names[i] != NULL; i++) {
        struct str name = str_from_c(fields[1].names[i]);
        size_t at = find_word(s, name, 0);
        if (at >= s.n || !speaks_of_a_cap(s))
            continue;
        int64_t most = cap_named(str_sub(s, at, s.n), sent->max_tokens);
        *ret = (struct model_refusal){MODEL_FIELD_MAX_TOKENS, most};
        return most > 0;
    }
    return false;
}

bool model_refusal_read(const struct databricks_error *error,
    const struct databricks_chat_request *sent, struct model_refusal *ret)
{
    struct str s = str_from_c(error->detail);
    if (error->code != DATABRICKS_UPSTREAM_BAD_REQUEST ||
        (error->http_status != 400 && error->http_status != 422))
        return false;
    if (sent->max_tokens > 0 && read_cap(s, sent, ret))
        return true;
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        if (!was_sent(sent, fields[f].field))
            continue;
        for (size_t i = 0; i < 6 && fields[f].names[i] != NULL; i++)
            if (names(s, fields[f].field, str_from_c(fields[f].names[i]))) {
                *ret = (struct model_refusal){fields[f].field, 0};
                return true;
            }
    }
    return false;
}

const char *model_field_words(enum model_field field)
{
    switch (field) {
    case MODEL_FIELD_TEMPERATURE:
        return "the temperature";
    case MODEL_FIELD_MAX_TOKENS:
        return "the length of the answer";
    case MODEL_FIELD_THINKING:
        return "how much to think";
    case MODEL_FIELD_TRACE:
        return "the wish for its sources";
    case MODEL_FIELD_CONTEXT:
        return "whose conversation it is";
    case MODEL_FIELD_STREAM:
        return "that it answers bit by bit";
    case MODEL_FIELD_FORM:
        break;
    }
    return "the form of the question";
}
