#include "base/mem.h"

#include "emulator/genie_int.h"
#include "emulator/genie_state.h"

enum {
    MAX_SPACES = 1'000,
    MAX_CONVERSATIONS = 10'000, /* databricks 7.1, of a space; here of all */
    MAX_MESSAGES = 1'000,       /* of a conversation */
    MAX_QUESTION = 10'000,      /* bytes */
    MINUTE_MS = 60'000,
    SCRATCH_MAX = 4096,
};

#define FAULT_WORD "emu-"

/* Spaces and conversations by their ids. */
struct emu_genie {
    struct map *spaces;
    struct map *conversations;
};

static const struct {
    const char *id;
    const char *title;
    const char *about;
} listed[] = {
    {EMU_GENIE_SPACE, "Demo sales",
        "Orders, clients and stock of a company that does not exist."},
    {"01f0b3c4d5e6f708192a3b4c5d6e7f80", "Demo support",
        "The same made-up tables once more, as another space."},
};

/* ---- Life ---- */

static struct emu_genie_space *space_new(
    struct emulator *e, struct str id, const char *title, const char *about)
{
    struct emu_genie_space *s = MEM_NEW(struct emu_genie_space);
    s->id = mem_dup_str(id);
    s->title = title;
    s->about = about;
    list_init(&s->conversations);
    if (map_add(e->genie->spaces, id, s) == RC_OK)
        return s;
    mem_free(s->id);
    mem_free(s);
    return NULL;
}

void emu_genie_init(struct emulator *e)
{
    e->genie = MEM_NEW(struct emu_genie);
    e->genie->spaces = map_new(MAX_SPACES);
    e->genie->conversations = map_new(MAX_CONVERSATIONS);
    for (size_t i = 0; i < sizeof(listed) / sizeof(*listed); i++)
        space_new(
            e, str_from_c(listed[i].id), listed[i].title, listed[i].about);
}

void emu_genie_message_free(struct emu_genie_message *m)
{
    list_remove(&m->link);
    m->conversation->count--;
    mem_free(m->question);
    mem_free(m->before);
    mem_free(m);
}

void emu_genie_conversation_free(
    struct emulator *e, struct emu_genie_conversation *c)
{
    LIST_EACH(node, &c->messages)
    {
        emu_genie_message_free(LIST_ITEM(node, struct emu_genie_message, link));
    }
    list_remove(&c->link);
    map_remove(e->genie->conversations, str_from_c(c->id));
    mem_free(c->owner);
    mem_free(c);
}

void emu_genie_free(struct emulator *e)
{
    size_t pos = 0;
    struct emu_genie_space *s;
    if (e->genie == NULL)
        return;
    while ((s = map_next(e->genie->spaces, &pos)) != NULL) {
        LIST_EACH(node, &s->conversations)
        {
            emu_genie_conversation_free(
                e, LIST_ITEM(node, struct emu_genie_conversation, link));
        }
        mem_free(s->id);
        mem_free(s);
    }
    map_free(e->genie->spaces);
    map_free(e->genie->conversations);
    mem_free(e->genie);
}

/* ---- Spaces ---- */

struct emu_genie_space *emu_genie_space_get(struct emulator *e, struct str id)
{
    struct emu_genie_space *s = map_get(e->genie->spaces, id);
    struct str prefix = STR(FAULT_WORD);
    struct emu_fault_choice fault;
    if (s != NULL)
        return s;
    if (!str_starts_with(id, prefix) ||
        !emu_fault_parse(str_sub(id, prefix.n, id.n), EMU_ON_GENIE, &fault))
        return NULL;
    s = space_new(e, id, "Demo space with a fault", "See docs/emulator.md.");
    if (s != NULL)
        s->fault = fault;
    return s;
}

struct emu_genie_space *emu_genie_space_listed(
    const struct emulator *e, size_t i)
{
    return i < sizeof(listed) / sizeof(*listed)
               ? map_get(e->genie->spaces, str_from_c(listed[i].id))
               : NULL;
}

/* Faults that meet whatever is asked of the space, not only questions. */
static bool meets_all(enum emu_fault fault)
{
    return fault == EMU_FAULT_GENIE_SCOPE_MISSING ||
           fault == EMU_FAULT_GENIE_PERMISSION_DENIED ||
           fault == EMU_FAULT_REDIRECT_LOGIN;
}

bool emu_genie_closed(
    struct emulator *e, struct http_request *r, struct emu_genie_space *space)
{
    return meets_all(space->fault.fault) &&
           emu_answered_with_fault(e, e->services[EMU_GENIE], r, &space->fault);
}

/* ---- Questions ---- */

const char *emu_genie_wrong_question(struct str question)
{
    if (str_trim(question).n == 0)
        return "The content of a message must not be empty.";
    if (question.n > MAX_QUESTION)
        return "The content of a message must not exceed 10000 characters.";
    return NULL;
}

/* The fault that a word such as "emu-no-rows" asks for; false: unknown. */
static bool fault_in(struct str question, struct emu_fault_choice *ret)
{
    size_t from = str_find(question, STR(FAULT_WORD)), n = 0;
    if (from == question.n)
        return true;
    from += STR(FAULT_WORD).n;
    while (from + n < question.n &&
           ((question.p[from + n] >= 'a' && question.p[from + n] <= 'z') ||
               (question.p[from + n] >= '0' && question.p[from + n] <= '9') ||
               question.p[from + n] == '-'))
        n++;
    return emu_fault_parse(str_sub(question, from, n), EMU_ON_GENIE, ret);
}

/* Whether one more question is too many in this minute. */
static bool too_many(
    struct emulator *e, struct emu_genie_space *space, int64_t most)
{
    int64_t now = loop_now_ms(e->loop);
    if (space->asked == 0 || now - space->window_ms >= MINUTE_MS) {
        space->window_ms = now;
        space->asked = 0;
    }
    return ++space->asked > most;
}

bool emu_genie_admit(struct emulator *e, struct http_request *r,
    struct emu_genie_space *space, struct str question,
    struct emu_behaviour *ret)
{
    struct emu_endpoint *service = e->services[EMU_GENIE];
    struct emu_fault_choice fault = space->fault;
    if (!fault_in(question, &fault)) {
        emu_refuse(r, 400, STR("INVALID_PARAMETER_VALUE"),
            STR("The demo's Genie does not know this fault."));
        return false;
    }
    service->calls++;
    *ret = emu_endpoint_behaviour(e, service, &fault);
    fault = ret->fault;
    if (fault.fault == EMU_FAULT_GENIE_RATE && too_many(e, space, fault.arg))
        fault.fault = EMU_FAULT_GENIE_RATE_LIMIT;
    if (emu_answered_with_fault(e, service, r, &fault))
        return false;
    service->finished++;
    return true;
}

/* ---- Conversations ---- */

struct str emu_genie_session(const struct emulator *e, struct http_request *r,
    const struct emu_genie_space *space)
{
    struct arena *a = http_request_arena(r);
    char id[ID_SIZE];
    struct str owner = emu_caller_name(e, r);
    id_of(arena_printf(a, "%s %.*s", space->id, STR_ARG(owner)), id);
    return arena_str(a, str_from_c(id));
}

struct emu_genie_conversation *emu_genie_conversation_get(struct emulator *e,
    const struct http_request *r, const struct emu_genie_space *space,
    struct str id)
{
    struct emu_genie_conversation *c = map_get(e->genie->conversations, id);
    return c != NULL && c->space == space &&
                   str_eq(str_from_c(c->owner), emu_caller_name(e, r))
               ? c
               : NULL;
}

struct emu_genie_conversation *emu_genie_conversation_new(struct emulator *e,
    const struct http_request *r, struct emu_genie_space *space)
{
    struct emu_genie_conversation *c = MEM_NEW(struct emu_genie_conversation);
    id_new(c->id);
    if (map_add(e->genie->conversations, str_from_c(c->id), c) != RC_OK) {
        mem_free(c);
        return NULL;
    }
    c->space = space;
    c->owner = mem_dup_str(emu_caller_name(e, r));
    c->created_s = loop_wall_us(e->loop) / 1'000'000;
    list_init(&c->messages);
    list_init(&c->link);
    list_push(&space->conversations, &c->link);
    return c;
}

struct emu_genie_conversation *emu_genie_conversation_next(struct emulator *e,
    const struct http_request *r, const struct emu_genie_space *space,
    struct list **pos)
{
    struct list *node = *pos == NULL ? space->conversations.next : (*pos)->next;
    for (; node != &space->conversations; node = node->next) {
        struct emu_genie_conversation *c =
            LIST_ITEM(node, struct emu_genie_conversation, link);
        *pos = node;
        if (str_eq(str_from_c(c->owner), emu_caller_name(e, r)))
            return c;
    }
    return NULL;
}

/* ---- Messages ---- */

struct emu_genie_message *emu_genie_message_get(
    const struct emu_genie_conversation *c, struct str id)
{
    LIST_EACH(node, &c->messages)
    {
        struct emu_genie_message *m =
            LIST_ITEM(node, struct emu_genie_message, link);
        if (str_eq(str_from_c(m->id), id))
            return m;
    }
    return NULL;
}

/* What a question asks for, in the light of the one before it. */
static void choose_table(
    struct emu_genie_message *m, const struct emu_genie_message *before)
{
    struct str question = str_from_c(m->question);
    m->table = emu_genie_table_for(question);
    m->region = emu_genie_region_in(question);
    if (m->table == NULL)
        m->table = before != NULL ? before->table : emu_genie_table_usual();
}

struct emu_genie_message *emu_genie_message_new(struct emulator *e,
    struct emu_genie_conversation *c, struct str question,
    const struct emu_behaviour *behaviour)
{
    struct emu_genie_message *m, *before = NULL;
    if (c->count >= MAX_MESSAGES)
        return NULL;
    if (!list_empty(&c->messages))
        before = LIST_ITEM(c->messages.prev, struct emu_genie_message, link);
    m = MEM_NEW(struct emu_genie_message);
    id_new(m->id);
    m->conversation = c;
    m->question = mem_dup_str(question);
    if (before != NULL)
        m->before = mem_dup_str(str_from_c(before->question));
    m->fault = behaviour->fault.fault;
    m->fault_arg = behaviour->fault.arg;
    m->gone = m->fault == EMU_FAULT_GENIE_EXPIRED_RESULT ||
              m->fault == EMU_FAULT_GENIE_EXPIRED_FETCH;
    m->state_ms = behaviour->first_token_ms;
    m->asked_ms = loop_now_ms(e->loop);
    m->asked_s = loop_wall_us(e->loop) / 1'000'000;
    choose_table(m, before);
    list_init(&m->link);
    list_push(&c->messages, &m->link);
    c->count++;
    return m;
}

const char *emu_genie_message_state(
    const struct emulator *e, const struct emu_genie_message *m)
{
    size_t i = SIZE_MAX;
    if (emu_genie_steps(m->fault))
        i = (size_t)m->polls;
    else if (m->state_ms > 0)
        i = (size_t)((loop_now_ms(e->loop) - m->asked_ms) / m->state_ms);
    const char *state = emu_genie_state(m->fault, i);
    if (!emu_genie_ended(state))
        return state;
    bool expired = m->gone && (m->fault == EMU_FAULT_GENIE_EXPIRED_RESULT ||
                                  m->fetches > 0);
    if (expired)
        return "QUERY_RESULT_EXPIRED";
    return str_eq(str_from_c(state), STR("QUERY_RESULT_EXPIRED")) ? "COMPLETED"
                                                                  : state;
}
