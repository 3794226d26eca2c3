#include <string.h>

#include "base/num.h"

#include "api/genie_route.h"

/*
 * A question is for Genie when it asks for a figure or a list (ASKS), of
 * something that companies keep in tables (NOUNS), as the head of its phrase
 * ("how many orders were", not "how many order forms"). Weak ways of asking
 * ("show", "top") need a sign that data is meant: whose it is (OURS), when,
 * or by what. Words that speak of writing, explaining or advising, and names
 * of others ("does Netflix have"), leave it to the model.
 */
enum {
    MOST_WORDS = 60,
    LONGEST = 400, /* bytes: more is a text to work on, not a question */
    WORD_SIZE = 24,
    NOUN_WITHIN = 6, /* words behind the ask */
};

struct word {
    char text[WORD_SIZE]; /* in small letters */
    struct str as_written;
    bool name; /* begins with a capital, and not because a sentence does */
    bool ends; /* a mark that divides follows: , . ? ! : ; */
    bool owns; /* 's follows */
};

struct words {
    struct word list[MOST_WORDS];
    size_t n;
};

/* ---- Lists: words divided by spaces, beginning and ending with one ---- */

#define NOUNS                                                                  \
    " clients customers orders sales revenue revenues invoices users "         \
    "accounts products employees transactions payments tickets "               \
    "subscriptions subscribers churn margin margins profit profits turnover "  \
    "stock inventory stores suppliers vendors shipments deliveries returns "   \
    "refunds leads deals contracts claims policies patients bookings "         \
    "reservations visits visitors sessions signups downloads incidents "       \
    "complaints regions branches warehouses campaigns conversions spend "      \
    "spending expenses costs budget headcount "

/* What may stand behind a noun that is the head of its phrase. */
#define BEHIND                                                                 \
    " do did does are were is was have has had in by per for from of we our "  \
    "last this on at with without since between and or over who that which "   \
    "placed sold made shipped signed joined came bought paid opened closed "   \
    "year month quarter week today yesterday value there each grouped "        \
    "broken ordered sorted as so during until before after where whose not "   \
    "our my us ytd right now missing open left trend trends growth figures "   \
    "numbers data volume "

#define OURS " we our ours us my "
#define TIMES                                                                  \
    " today yesterday ytd q1 q2 q3 q4 weekly monthly quarterly yearly daily "
#define PERIODS " week weeks month months quarter quarters year years day days "
#define SLICES " by per each "

/* Anything of these: a person wants something written, told or advised. */
#define NOT_DATA                                                               \
    " write draft explain translate summarise summarize rewrite define "       \
    "definition meaning means mean code function script regex python java "    \
    "javascript typescript sql query excel formula example examples joke "     \
    "poem story essay email mail letter slide slides should could would can "  \
    "how-to tips ideas idea suggest recommend recommendation pretend imagine " \
    "hypothetical why advice buy build create generate design improve "        \
    "typical typically usually generally magnitude book books movie film "     \
    "song game recipe world history universe earth planet wikipedia theory "   \
    "concept difference pros cons "

/* Names that do not make a question one about others. */
#define KNOWN_NAMES                                                            \
    " i january february march april may june july august september october "  \
    "november december jan feb mar apr jun jul aug sep sept oct nov dec "      \
    "monday tuesday wednesday thursday friday saturday sunday q1 q2 q3 q4 "    \
    "ytd emea apac latam dach europe asia africa america oceania north south " \
    "east west eu uk us usa germany france spain italy portugal austria "      \
    "switzerland poland netherlands belgium sweden norway denmark finland "    \
    "ireland india china japan korea singapore canada brazil mexico "          \
    "australia kpi kpis crm erp arr mrr vip b2b b2c genie "

/* What's, who's: no owners. */
#define NOT_OWNERS " what who how that it let here there when where which "

static bool in_list(const char *text, const char *list)
{
    size_t n = strlen(text);
    for (const char *at = strstr(list, text); at != NULL && n > 0;
         at = strstr(at + 1, text))
        if (at > list && at[-1] == ' ' && at[n] == ' ')
            return true;
    return false;
}

static bool is(const struct words *w, size_t i, const char *text)
{
    return i < w->n && strcmp(w->list[i].text, text) == 0;
}

static bool among(const struct words *w, size_t i, const char *list)
{
    return i < w->n && in_list(w->list[i].text, list);
}

/* ---- Words ---- */

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || (unsigned char)c >= 0x80;
}

static void put_word(struct words *w, struct str text, bool begins)
{
    struct word *to = &w->list[w->n++];
    *to = (struct word){.as_written = text};
    for (size_t i = 0; i < text.n && i < WORD_SIZE - 1; i++) {
        char c = text.p[i];
        to->text[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    to->name = !begins && text.p[0] >= 'A' && text.p[0] <= 'Z';
}

/* False: there are more than a question has. */
static bool split(struct str s, struct words *w)
{
    bool begins = true;
    w->n = 0;
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        while (i < s.n && letter(s.p[i]))
            i++;
        if (i > from) {
            if (w->n == MOST_WORDS)
                return false;
            put_word(w, str_sub(s, from, i - from), begins);
            begins = false;
            continue;
        }
        if (s.p[i] == '\'' && i > 0 && letter(s.p[i - 1])) {
            w->list[w->n - 1].owns = true;
            while (i + 1 < s.n && letter(s.p[i + 1]))
                i++; /* of what's or Tesla's the rest says nothing */
        } else if (strchr(",.?!:;()\"", s.p[i]) != NULL && w->n > 0) {
            w->list[w->n - 1].ends = true;
            begins = begins || strchr(".?!:", s.p[i]) != NULL;
        }
        i++;
    }
    return true;
}

/* ---- Signs ---- */

static bool has_any(const struct words *w, const char *list)
{
    for (size_t i = 0; i < w->n; i++)
        if (in_list(w->list[i].text, list))
            return true;
    return false;
}

static bool is_year(const struct words *w, size_t i)
{
    int64_t year;
    return i < w->n && num_parse_i64(str_from_c(w->list[i].text), 1990, 2100,
                           &year) == RC_OK;
}

/* "last quarter", "this year", "2024", "past 3 months", "Q3", "in May" */
static bool says_when(const struct words *w)
{
    for (size_t i = 0; i < w->n; i++) {
        if (is_year(w, i) || among(w, i, TIMES))
            return true;
        if (among(w, i, " last this past previous current ") &&
            (among(w, i + 1, PERIODS) || among(w, i + 2, PERIODS)))
            return true;
    }
    return false;
}

/* "by region", "per month"; not "by the way" or "by hand" at the end. */
static bool says_by_what(const struct words *w)
{
    for (size_t i = 0; i + 1 < w->n; i++)
        if (among(w, i, SLICES) && !among(w, i + 1, " the a an hand far "))
            return true;
    return false;
}

static bool names_others(const struct word *one)
{
    char first = one->as_written.p[0];
    bool owner = one->owns && first >= 'A' && first <= 'Z' &&
                 !in_list(one->text, NOT_OWNERS);
    return (one->name || owner) && !in_list(one->text, KNOWN_NAMES) &&
           !in_list(one->text, NOUNS);
}

/* "does Netflix have", "at Google", "Tesla's": about somebody else. */
static bool about_others(const struct words *w)
{
    for (size_t i = 0; i < w->n; i++) {
        if (names_others(&w->list[i]))
            return true;
        if (among(w, i, " does did do ") && i + 1 < w->n &&
            !among(w, i + 1, OURS) && !among(w, i + 1, NOUNS) &&
            !among(w, i + 1, " the this each every these those "))
            return true;
    }
    return false;
}

/* ---- Ways of asking ---- */

struct ask {
    const char *first, *second; /* second: NULL when it is one word */
    bool strong;                /* asks for a figure */
    bool at_start;              /* only as the first word */
};

static const struct ask asks[] = {
    {"how", "many", true, false},
    {"how", "much", true, false},
    {"number", "of", true, false},
    {"count", "of", true, false},
    {"count", NULL, false, true},
    {"sum", "of", true, false},
    {"total", NULL, true, false},
    {"average", NULL, true, false},
    {"median", NULL, true, false},
    {"top", NULL, false, false},
    {"bottom", NULL, false, false},
    {"highest", NULL, false, false},
    {"lowest", NULL, false, false},
    {"largest", NULL, false, false},
    {"biggest", NULL, false, false},
    {"smallest", NULL, false, false},
    {"best", NULL, false, false},
    {"worst", NULL, false, false},
    {"most", NULL, false, false},
    {"fewest", NULL, false, false},
    {"show", NULL, false, true},
    {"list", NULL, false, true},
    {"give", "me", false, true},
    {"plot", NULL, false, true},
    {"chart", NULL, false, true},
    {"compare", NULL, false, true},
    {"break", "down", false, true},
    {"breakdown", NULL, false, false},
    {"trend", NULL, false, false},
    {"what", "were", false, true},
    {"what", "was", false, true},
    {"what", "are", false, true},
    {"what", "is", false, true},
    {"which", NULL, false, true},
    {"who", "are", false, true},
};

/* Whether the ask stands at i; *ret_behind is the first word after it. */
static bool stands_at(
    const struct words *w, const struct ask *a, size_t i, size_t *ret_behind)
{
    if ((a->at_start && i > 1) || !is(w, i, a->first))
        return false;
    bool shortened = a->second != NULL && strcmp(a->second, "is") == 0 &&
                     w->list[i].owns; /* what's */
    if (a->second != NULL && !shortened && !is(w, i + 1, a->second))
        return false;
    *ret_behind = i + (a->second == NULL || shortened ? 1 : 2);
    return true;
}

/* The noun that an ask is about, or w->n. */
static size_t noun_behind(const struct words *w, size_t from)
{
    for (size_t i = from; i < w->n && i < from + NOUN_WITHIN; i++) {
        bool head = w->list[i].ends || i + 1 == w->n ||
                    among(w, i + 1, BEHIND) || is_year(w, i + 1);
        if (among(w, i, NOUNS) && head)
            return i;
    }
    return w->n;
}

static struct str reason_of(const struct words *w, const struct ask *a,
    size_t behind, size_t noun, struct arena *arena)
{
    struct str last = w->list[noun].as_written;
    const char *gap = noun == behind ? " " : " \xE2\x80\xA6 ";
    if (a->second == NULL)
        return arena_printf(arena, "%s%s%.*s", a->first, gap, STR_ARG(last));
    return arena_printf(
        arena, "%s %s%s%.*s", a->first, a->second, gap, STR_ARG(last));
}

/* "@genie", "ask genie", "genie," at the beginning. */
static bool calls_genie(const struct words *w)
{
    return (is(w, 0, "genie") && (w->list[0].ends || w->n > 1)) ||
           (is(w, 0, "ask") && is(w, 1, "genie"));
}

/* The first way of asking, of those that count here, that has a noun. */
static struct genie_verdict find(
    const struct words *w, bool sign, struct arena *arena)
{
    size_t behind, noun;
    for (size_t i = 0; i < sizeof(asks) / sizeof(*asks) * w->n; i++) {
        const struct ask *a = &asks[i / w->n];
        if ((!a->strong && !sign) || !stands_at(w, a, i % w->n, &behind))
            continue;
        noun = noun_behind(w, behind);
        if (noun < w->n)
            return (struct genie_verdict){
                true, reason_of(w, a, behind, noun, arena)};
    }
    return (struct genie_verdict){0};
}

/* One line of a question's length, not a text or code to work on. */
static bool is_short(struct str question)
{
    return question.n <= LONGEST &&
           str_find_char(question, '\n') == question.n &&
           str_find_char(question, '`') == question.n;
}

struct genie_verdict genie_route(struct str question, struct arena *arena)
{
    const struct genie_verdict model = {0};
    struct words w;
    question = str_trim(question);
    if (!is_short(question) || !split(question, &w) || w.n == 0)
        return model;
    if (calls_genie(&w))
        return (struct genie_verdict){true, STR("Genie")};
    bool ours = has_any(&w, OURS);
    if (has_any(&w, NOT_DATA) || (!ours && about_others(&w)))
        return model;
    return find(&w, ours || says_when(&w) || says_by_what(&w), arena);
}
