#include "base/crypto.h"
#include "base/utf8.h"

#include "emulator/hash.h"
#include "emulator/protocol.h"
#include "emulator/reply.h"
#include "emulator/text.h"

enum { SIGNATURE_MAX = 256, LONG_CHARACTERS = 16'000 };

/* Bytes of s that hold at most n tokens; *tokens is how many they are. */
static size_t token_prefix(
    const struct emu_reply *r, struct str s, int64_t n, int64_t *tokens)
{
    size_t pos = 0;
    for (*tokens = 0; pos < s.n && *tokens < n; ++*tokens)
        pos += emu_text_token(s, pos, r->hash);
    return pos;
}

static void truncate_to(struct buf *b, size_t n)
{
    if (n < b->n)
        b->n = n;
}

/* Cuts at max_tokens (0: none) and counts. */
static void apply_max_tokens(struct emu_reply *r, int64_t max)
{
    int64_t thought, said;
    int64_t limit = max > 0 ? max : INT64_MAX;
    truncate_to(&r->reasoning,
        token_prefix(r, buf_str(&r->reasoning), limit, &thought));
    size_t before = r->text.n;
    truncate_to(
        &r->text, token_prefix(r, buf_str(&r->text), limit - thought, &said));
    if (r->text.n < before)
        r->finish = STR("length");
    r->thought_tokens = thought;
    r->completion_tokens = thought + said;
}

static void apply_stop(struct emu_reply *r, const struct jv *stop)
{
    struct str s;
    for (size_t i = 0; i < jv_count(stop); i++)
        if (jv_string(jv_at(stop, i), &s))
            truncate_to(&r->text, str_find(buf_str(&r->text), s));
}

static void write_signature(struct emu_reply *r)
{
    unsigned char digest[CRYPTO_SHA256_SIZE];
    crypto_sha256(buf_str(&r->reasoning), digest);
    struct str bytes = {(const char *)digest, sizeof(digest)};
    buf_append(&r->signature, STR("EqQB"));
    crypto_base64(&r->signature, bytes);
}

/* The id is the same for the same input and number of the call. */
static void write_id(struct emu_reply *r, uint64_t number)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t parts[2] = {emu_mix(r->hash ^ number), emu_mix(~r->hash ^ number)};
    struct str prefix = str_from_c(r->model->id_prefix);
    size_t n = 0;
    while (n < prefix.n) {
        r->id[n] = prefix.p[n];
        n++;
    }
    for (int i = 0; i < 24; i++)
        r->id[n++] = digits[parts[i / 16] >> (i % 16 * 4) & 15];
    r->id[n] = '\0';
}

/* The rest of an answer that is partly there; false: it is another one. */
static bool write_rest(
    struct emu_reply *r, const struct emu_text_input *in, struct str partial)
{
    emu_text_write(in, &r->text);
    bool begins = str_starts_with(buf_str(&r->text), partial);
    buf_consume(&r->text, begins ? partial.n : r->text.n);
    return begins;
}

static void write_texts(struct emu_reply *r, const struct emu_text_input *in)
{
    if ((r->model->flags & EMU_REASONING) != 0)
        emu_text_write_reasoning(in, &r->reasoning);
    if ((r->model->flags & EMU_THINK_TAGS) != 0) {
        buf_append(&r->text, STR("<think>\n"));
        emu_text_write_reasoning(in, &r->text);
        buf_append(&r->text, STR("\n</think>\n\n"));
    }
    emu_text_write(in, &r->text);
    if ((r->model->flags & EMU_SIGNATURE) != 0)
        write_signature(r);
}

/* Replies that a fault words, whatever was asked; the finish is theirs. */
static const struct {
    enum emu_fault fault;
    const char *text;
    const char *finish;
} worded[] = {
    {EMU_FAULT_REFUSAL,
        "I cannot help with that. The demo was told to refuse this question.",
        "content_filter"},
    {EMU_FAULT_GUARDRAIL_MASK,
        "You wrote to <EMAIL_ADDRESS> and gave <PHONE_NUMBER>. The demo was "
        "told to mask what people should not send.",
        "stop"},
    {EMU_FAULT_TOOL_FRAGMENTS, "I will look that up in two places.",
        "tool_calls"},
    {EMU_FAULT_TOOL_ONLY, "", "tool_calls"},
};

/* Whether the fault words the reply; then it is written. */
static bool write_worded(struct emu_reply *r, enum emu_fault fault)
{
    for (size_t i = 0; i < sizeof(worded) / sizeof(*worded); i++) {
        if (worded[i].fault != fault)
            continue;
        buf_append(&r->text, str_from_c(worded[i].text));
        r->finish = str_from_c(worded[i].finish);
        return true;
    }
    return false;
}

/* What the fault changes beside the words. */
static void note_fault(struct emu_reply *r, enum emu_fault fault)
{
    r->fault = fault;
    r->refuses = fault == EMU_FAULT_REFUSAL;
    r->role_null = fault == EMU_FAULT_ROLE_NULL;
    r->tool_login = fault == EMU_FAULT_TOOL_LOGIN;
    r->calls =
        fault == EMU_FAULT_TOOL_FRAGMENTS || fault == EMU_FAULT_TOOL_ONLY;
}

static void write_all(struct emu_reply *r, const struct emu_chat *chat,
    const struct emu_reply_options *options)
{
    struct emu_text_input in = {.question = chat->question,
        .messages = chat->messages,
        .system = chat->system,
        .hash = r->hash,
        .characters = options->fault == EMU_FAULT_LONG ? LONG_CHARACTERS : 0,
        .scripts = options->fault == EMU_FAULT_UTF8_SPLIT};
    if (write_worded(r, options->fault))
        return;
    if (chat->approval == EMU_APPROVAL_WANTED)
        buf_append(&r->text, STR("I would like to look that up, but I may use "
                                 "the search only if you allow it."));
    else if (chat->partial.n == 0 || !write_rest(r, &in, chat->partial))
        write_texts(r, &in);
}

void emu_reply_init(struct emu_reply *r, const struct emu_model *model,
    const struct emu_chat *chat, const struct emu_reply_options *options)
{
    *r = (struct emu_reply){.model = model,
        .created = options->created,
        .hash = emu_mix(chat->hash ^ emu_mix(options->seed)),
        .finish = options->fault == EMU_FAULT_END_TURN ? STR("end_turn")
                                                       : STR("stop"),
        .approval = chat->approval,
        .trace = chat->return_trace,
        .prompt_tokens = chat->prompt_tokens + 3};
    buf_init(&r->reasoning, EMU_TEXT_MAX);
    buf_init(&r->text, 2 * EMU_TEXT_MAX);
    buf_init(&r->signature, SIGNATURE_MAX);
    note_fault(r, options->fault);
    write_all(r, chat, options);
    apply_stop(r, chat->stop);
    apply_max_tokens(r, chat->max_tokens);
    write_id(r, options->number);
    const struct emu_protocol *protocol = emu_protocol_of(model);
    if (protocol != NULL)
        protocol->prepare(r);
}

void emu_reply_release(struct emu_reply *r)
{
    buf_release(&r->reasoning);
    buf_release(&r->text);
    buf_release(&r->signature);
}

static bool is_spoken(enum emu_piece_kind kind)
{
    return kind == EMU_PIECE_REASONING || kind == EMU_PIECE_TEXT;
}

/* Whether the reply has more pieces of the cursor's kind. */
static bool has_more(const struct emu_reply *r, const struct emu_cursor *c)
{
    if (c->kind == EMU_PIECE_REASONING)
        return c->pos < r->reasoning.n;
    if (c->kind == EMU_PIECE_TEXT)
        return r->events[EMU_PIECE_TEXT] > 0 && c->pos < r->text.n;
    return c->pos < r->events[c->kind];
}

static void next_kind(struct emu_cursor *c)
{
    c->pos = 0;
    if (c->kind == EMU_PIECE_USAGE)
        c->ended = true;
    else
        c->kind = (enum emu_piece_kind)(c->kind + 1);
}

static void skip_empty(const struct emu_reply *r, struct emu_cursor *c)
{
    while (!c->ended && !has_more(r, c))
        next_kind(c);
}

bool emu_reply_next(
    const struct emu_reply *r, struct emu_cursor *cursor, struct emu_piece *ret)
{
    skip_empty(r, cursor);
    if (cursor->ended)
        return false;
    *ret = (struct emu_piece){.kind = cursor->kind,
        .first = cursor->pos == 0,
        .number = cursor->pieces++};
    if (is_spoken(cursor->kind)) {
        struct str all = buf_str(
            cursor->kind == EMU_PIECE_REASONING ? &r->reasoning : &r->text);
        size_t n = emu_text_token(all, cursor->pos, r->hash);
        ret->text = str_sub(all, cursor->pos, n);
        cursor->pos += n;
        cursor->tokens++;
    } else {
        ret->index = cursor->pos++;
    }
    skip_empty(r, cursor);
    ret->tokens = cursor->tokens;
    return true;
}

bool emu_reply_midway(const struct emu_reply *r, const struct emu_cursor *c)
{
    return c->kind > EMU_PIECE_TEXT ||
           (c->kind == EMU_PIECE_TEXT && c->pos >= r->text.n / 2);
}
