#include "base/utf8.h"

#include "emulator/hash.h"
#include "emulator/sections.h"
#include "emulator/text.h"
#include "emulator/words.h"

enum { LONG_CHARACTERS = 4000, MAX_SECTIONS = 400 };

struct writer {
    const struct emu_text_input *in;
    struct emu_words words;
    struct buf *out;
    size_t start;    /* length of out when we began */
    uint64_t random; /* state */
    size_t part;     /* number of the current section */
};

static uint64_t pick(struct writer *w, uint64_t below)
{
    w->random = emu_mix(w->random);
    return (w->random >> 33) % below;
}

/* The i-th topic; those that the question lacks repeat what there is. */
static struct str topic(const struct writer *w, size_t i)
{
    if (w->words.topic_count == 0)
        return STR("your message");
    return w->words.topics[i % w->words.topic_count];
}

static void put_topics(struct writer *w)
{
    size_t n = w->words.topic_count;
    if (n == 0)
        buf_append(w->out, STR("*your message*"));
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_append(w->out, i + 1 < n ? STR(", ") : STR(" and "));
        buf_printf(w->out, "*%.*s*", STR_ARG(w->words.topics[i]));
    }
}

static void put_count(struct writer *w)
{
    size_t n = w->in->messages;
    buf_printf(w->out, "%zu message%s", n, n == 1 ? "" : "s");
    if (w->in->system)
        buf_append(w->out, STR(" and a system prompt"));
}

/* Replaces what stands behind a "$"; anything unknown stays as it is. */
static void put_variable(struct writer *w, char name)
{
    if (name >= '1' && name <= '4') {
        buf_append(w->out, topic(w, (size_t)(name - '1')));
    } else if (name == 'a') {
        put_topics(w);
    } else if (name == 'n') {
        put_count(w);
    } else if (name == 's') {
        buf_printf(w->out, "%zu", w->part);
    } else {
        buf_append_char(w->out, '$');
        buf_append_char(w->out, name);
    }
}

static void put_plain(struct writer *w, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '$' && i + 1 < s.n)
            put_variable(w, s.p[++i]);
        else
            buf_append_char(w->out, s.p[i]);
    }
}

/* One of the "a|b|c" in choices. */
static void put_choice(struct writer *w, struct str choices)
{
    uint64_t count = 1;
    for (size_t i = 0; i < choices.n; i++)
        count += choices.p[i] == '|';
    struct str chosen, rest = choices;
    for (uint64_t left = pick(w, count) + 1; left > 0; left--)
        str_cut(rest, '|', &chosen, &rest);
    put_plain(w, chosen);
}

/* Appends a template; see sections.h for its signs. */
static void put(struct writer *w, const char *template)
{
    struct str s = str_from_c(template);
    while (s.n > 0) {
        size_t plain = 0;
        while (plain < s.n && s.p[plain] != '{' && s.p[plain] != '\x01')
            plain++;
        put_plain(w, str_sub(s, 0, plain));
        if (plain == s.n)
            return;
        bool code = s.p[plain] == '\x01';
        struct str inner;
        s = str_sub(s, plain + 1, s.n);
        str_cut(s, code ? '\x02' : '}', &inner, &s);
        if (code)
            buf_append(w->out, inner);
        else
            put_choice(w, inner);
    }
}

static size_t characters(const struct writer *w)
{
    return utf8_count(str_sub(buf_str(w->out), w->start, w->out->n));
}

static void put_section(struct writer *w, size_t index)
{
    const struct emu_section *section = emu_section_at(index);
    w->part++;
    buf_append(w->out, STR("## "));
    put(w, section->heading);
    buf_append(w->out, STR("\n\n"));
    put(w, section->body);
}

static size_t section_count(void)
{
    size_t n = 0;
    while (emu_section_at(n) != NULL)
        n++;
    return n;
}

/* Which section shows the first of the wishes in set. */
static size_t section_for(struct writer *w, unsigned set)
{
    static const unsigned code = EMU_WISH_PYTHON | EMU_WISH_SQL | EMU_WISH_C |
                                 EMU_WISH_TYPESCRIPT | EMU_WISH_SHELL;
    if ((set & EMU_WISH_CODE) != 0)
        set = code;
    size_t n = section_count(), from = (size_t)pick(w, n);
    for (size_t i = 0; i < n; i++)
        if ((emu_section_at((from + i) % n)->wish & set) != 0)
            return (from + i) % n;
    return from;
}

/* What the question asked for; returns how many sections were written. */
static size_t put_wishes(struct writer *w)
{
    unsigned wishes =
        w->words.wishes &
        ~(unsigned)(EMU_WISH_SHORT | EMU_WISH_LONG | EMU_WISH_HELLO);
    unsigned code = EMU_WISH_PYTHON | EMU_WISH_SQL | EMU_WISH_C |
                    EMU_WISH_TYPESCRIPT | EMU_WISH_SHELL;
    size_t n = 0;
    if ((wishes & code) != 0)
        wishes &= ~(unsigned)EMU_WISH_CODE;
    for (unsigned bit = 1; bit <= wishes; bit <<= 1) {
        if ((wishes & bit) == 0)
            continue;
        put_section(w, section_for(w, bit));
        n++;
    }
    return n;
}

/* Sections in an order of their own until the text is long enough. */
static void put_until(struct writer *w, size_t sections, size_t target)
{
    size_t n = section_count();
    size_t at = (size_t)pick(w, n), step = 1 + 2 * (size_t)pick(w, 2);
    while (n % step == 0 && step > 1)
        step += 2;
    for (size_t i = 0; i < MAX_SECTIONS; i++) {
        if (i >= sections && characters(w) >= target)
            break;
        put_section(w, at);
        at = (at + step) % n;
    }
}

static void put_short(struct writer *w)
{
    put(w, "This is the built-in demo, {not a model|no language model}: "
           "{you wrote about|your message mentions} $a, and $n came with the "
           "request.");
}

static void put_opening(struct writer *w)
{
    put(w, "**This is the built-in demo, not a language model.** ");
    if ((w->words.wishes & EMU_WISH_HELLO) != 0)
        put(w, "{Hello!|Welcome!} ");
    put(w, "{You wrote about|Your message mentions|Words I found in your "
           "message:} $a. The request brought $n. ");
    put(w, "{Nothing below is an answer in substance; it only shows how "
           "answers look.|What follows is sample text, so that you can see "
           "how a reply is displayed.}\n\n");
}

static void put_closing(struct writer *w)
{
    put(w, "{Ask for a *table*, *code*, a *list*, something *short* or "
           "something *long* to see more.|Try the words *table*, *python*, "
           "*formula*, *diagram* or *checklist*.|Connect a workspace to get "
           "real answers "
           "about $1.}");
}

static size_t target_of(const struct writer *w)
{
    if (w->in->characters > 0)
        return w->in->characters;
    return (w->words.wishes & EMU_WISH_LONG) != 0 ? LONG_CHARACTERS : 0;
}

/*
 * Who asks for the name of a conversation gets one: the topics of the question
 * quoted there.
 */
static bool put_name(const struct emu_text_input *in, struct buf *out)
{
    const struct str open = STR("<question>\n"), close = STR("\n</question>");
    struct emu_words words;
    if (!str_starts_with(in->question, STR("Name this conversation ")))
        return false;
    size_t from = str_find(in->question, open);
    struct str quoted = str_sub(in->question, from + open.n, in->question.n);
    emu_words_read(str_sub(quoted, 0, str_find(quoted, close)), &words);
    buf_append(out, STR("About"));
    for (size_t i = 0; i < words.topic_count; i++)
        buf_printf(out, " %.*s", STR_ARG(words.topics[i]));
    if (words.topic_count == 0)
        buf_append(out, STR(" this and that"));
    return true;
}

void emu_text_write(const struct emu_text_input *in, struct buf *out)
{
    struct writer w = {
        .in = in, .out = out, .start = out->n, .random = in->hash};
    if (put_name(in, out))
        return;
    emu_words_read(in->question, &w.words);
    size_t target = target_of(&w);
    if (target == 0 && (w.words.wishes & EMU_WISH_SHORT) != 0) {
        put_short(&w);
        return;
    }
    if (in->scripts)
        put_section(&w, section_for(&w, EMU_WISH_SCRIPTS));
    put_opening(&w);
    size_t asked = put_wishes(&w), more = 0;
    if (asked == 0 && (w.words.wishes & EMU_WISH_HELLO) == 0)
        more = 2 + (in->question.n > 400 ? 1U : 0U) + (size_t)pick(&w, 2);
    put_until(&w, more, target);
    put_closing(&w);
}

void emu_text_write_reasoning(const struct emu_text_input *in, struct buf *out)
{
    struct writer w = {
        .in = in, .out = out, .start = out->n, .random = ~in->hash};
    emu_words_read(in->question, &w.words);
    put(&w, "{The message is about|I look at the words of the message:} $a. "
            "{There is no model here that could think about it|Nobody thinks "
            "here}; this is the built-in demo, and this paragraph stands "
            "where a model would {reason|weigh its answer}. ");
    put(&w, "The request came with $n. {I choose some sections of sample text "
            "from a hash of them|A hash of them decides which sample text "
            "follows}, so the same question always gets the same answer.");
}

static size_t character_bytes(unsigned char lead)
{
    if (lead < 0xc0)
        return 1;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n';
}

size_t emu_text_token(struct str text, size_t pos, uint64_t hash)
{
    size_t i = pos;
    uint64_t limit = 2 + emu_mix(hash ^ pos) % 5;
    while (i < text.n && is_space(text.p[i]))
        i++;
    for (uint64_t n = 0; i < text.n && n < limit && !is_space(text.p[i]); n++)
        i += character_bytes((unsigned char)text.p[i]);
    if (i > text.n)
        i = text.n;
    return i - pos;
}
