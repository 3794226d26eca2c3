#include "base/mem.h"
#include "telemetry/log.h"

#include "api/context_fit.h"
#include "api/genie_part.h"
#include "api/turn.h"

/*
 * What the model is told: the request made of the question, of what was said
 * before as far as it fits, and of the settings as far as the endpoint takes
 * them. An endpoint that refuses one of them is asked once more without it;
 * one that says the chat is too long, once with half of it.
 */

void turn_forget_context(struct turn *turn)
{
    store_op_free(turn->context);
    turn->context = NULL;
}

/* ---- How much of the chat ---- */

static struct store_load_context *loaded(struct turn *turn)
{
    return turn->context == NULL ? NULL : &turn->context->load_context;
}

/* How the model counted the last request of this chat, if it was this one. */
static double tokens_per_byte(struct turn *turn)
{
    const struct store_load_context *l = loaded(turn);
    struct jv *metrics = NULL;
    int64_t tokens = 0, bytes = 0;
    if (l == NULL || !str_eq(l->model, turn->model) || l->metrics.n == 0 ||
        jv_parse(l->metrics, NULL, &metrics) != RC_OK)
        return context_tokens_per_byte(0, 0);
    (void)jv_int(jv_get(metrics, "promptTokens"), &tokens);
    (void)jv_int(jv_get(metrics, "contextBytes"), &bytes);
    jv_free(metrics);
    return context_tokens_per_byte(tokens, bytes);
}

static size_t history_bound(const struct turn *turn)
{
    int64_t n = turn->settings.history_messages;
    if (!turn->include_history)
        return 0;
    if (n == CHAT_HISTORY_USUAL)
        return turn->api->config.history_messages;
    return n == CHAT_HISTORY_ALL ? CHAT_MAX_HISTORY : (size_t)n;
}

/* What is told besides, with the words that wish for the rest. */
static size_t fixed_bytes(const struct turn *turn, struct str system)
{
    size_t bytes = system.n + turn->question.n;
    if (turn->continued)
        bytes += turn->parts.before.n + turn_go_on_wish().n;
    return bytes;
}

static size_t bytes_from(const struct store_load_context *l, size_t first)
{
    size_t bytes = 0;
    for (size_t i = first; i < l->count; i++)
        bytes += l->messages[i].content.n;
    return bytes;
}

/* Chooses the first message that is told, and notes what was chosen. */
static size_t choose_first(
    struct turn *turn, struct str system, int64_t max_tokens)
{
    const struct store_load_context *l = loaded(turn);
    size_t count = l == NULL ? 0 : l->count;
    struct context_item *items =
        arena_alloc(turn->arena, (count + 1) * sizeof(*items));
    for (size_t i = 0; i < count; i++)
        items[i] = (struct context_item){
            l->messages[i].role == STORE_ROLE_USER, l->messages[i].content.n};
    const struct context_limits limits = {
        .messages = turn->halved ? turn->half : CONTEXT_ALL,
        .tokens = turn->api->config.context_tokens,
        .reserved = max_tokens,
        .fixed = fixed_bytes(turn, system),
        .fixed_messages = turn->continued ? 4 : 2,
        .per_byte = tokens_per_byte(turn),
    };
    struct context_fit fit = context_fit(items, count, &limits);
    size_t first = fit.first;
    turn->told = (struct turn_told){
        .messages = count - first,
        .tokens = fit.tokens,
        .bytes = (int64_t)(limits.fixed + (l ? bytes_from(l, first) : 0)),
        .cut = first > 0 || (l != NULL && l->truncated),
        .from = first < count ? turn_str(turn, l->messages[first].message_id)
                              : turn->question_id,
    };
    return first;
}

/* ---- The request ---- */

/* The operator's instruction holds in every chat; the person's stands below. */
static struct str system_prompt(struct turn *turn)
{
    struct str ours = turn->api->config.system_prompt;
    struct str theirs = turn->settings.system_prompt;
    if (str_trim(ours).n == 0 || str_trim(theirs).n == 0)
        return theirs.n > 0 ? theirs : ours;
    return arena_printf(
        turn->arena, "%.*s\n\n%.*s", STR_ARG(ours), STR_ARG(theirs));
}

static enum model_effort effort_of(enum chat_thinking thinking)
{
    switch (thinking) {
    case CHAT_THINKING_UNSET:
        return MODEL_EFFORT_UNSET;
    case CHAT_THINKING_OFF:
        return MODEL_EFFORT_OFF;
    case CHAT_THINKING_LOW:
        return MODEL_EFFORT_LOW;
    case CHAT_THINKING_MEDIUM:
        return MODEL_EFFORT_MEDIUM;
    case CHAT_THINKING_HIGH:
        return MODEL_EFFORT_HIGH;
    }
    return MODEL_EFFORT_UNSET;
}

/* Everything but the messages: as the endpoint is known now. */
static struct databricks_chat_request begin_request(struct turn *turn)
{
    const struct api_config *config = &turn->api->config;
    const struct chat_settings *set = &turn->settings;
    struct endpoint_facts facts =
        endpoint_probe_facts(turn->api->probe, turn->model);
    struct model_wishes wishes = {
        .max_tokens =
            set->max_tokens > 0 ? set->max_tokens : config->max_tokens,
        .has_temperature = set->has_temperature,
        .temperature = set->temperature,
        .effort = effort_of(set->thinking),
    };
    unsigned refused = facts.refused | turn->refused;
    bool context = (refused & MODEL_FIELD_CONTEXT) == 0;
    facts.refused = refused;
    if (turn->most_tokens > 0)
        facts.most_tokens = turn->most_tokens;
    struct model_traits traits = endpoint_traits(&facts);
    struct databricks_chat_request request = {
        .endpoint = turn->model,
        .task = turn->other_form ? turn->form : facts.task,
        .conversation_id = context ? turn->session_id : (struct str){0},
        .user_id =
            turn->owner.email.n > 0 ? turn->owner.email : turn->owner.user_id,
        .system_prompt = system_prompt(turn),
        .stream = (refused & MODEL_FIELD_STREAM) == 0,
        .return_trace = facts.traces && (refused & MODEL_FIELD_TRACE) == 0,
        .request_id = turn->request_id,
    };
    if (turn->approval.part_id.n > 0) {
        request.approval = turn->approval.reply;
        request.task = DATABRICKS_TASK_RESPONSES; /* nobody else asks */
    }
    model_traits_apply(&traits, &wishes, &request);
    if (facts.most_tokens > 0 && request.max_tokens > facts.most_tokens) {
        wishes.max_tokens = facts.most_tokens;
        model_traits_apply(&traits, &wishes, &request);
    }
    return request;
}

/*
 * What was said before, the question, and of a reply that goes on what there
 * is of it and, if it was cut, the wish for the rest.
 */
static void add_messages(
    struct turn *turn, size_t first, struct databricks_chat_request *request)
{
    const struct store_load_context *l = loaded(turn);
    size_t end = l == NULL ? 0 : l->count, count = 0;
    struct databricks_message *messages =
        arena_alloc(turn->arena, (end - first + 3) * sizeof(*messages));
    for (size_t i = first; i < end; i++)
        messages[count++] = (struct databricks_message){
            .role = l->messages[i].role == STORE_ROLE_USER
                        ? DATABRICKS_ROLE_USER
                        : DATABRICKS_ROLE_ASSISTANT,
            .content = l->messages[i].content,
        };
    messages[count++] =
        (struct databricks_message){DATABRICKS_ROLE_USER, turn->question};
    if (turn->continued)
        messages[count++] = (struct databricks_message){
            DATABRICKS_ROLE_ASSISTANT, turn->parts.before};
    if (turn->continued && turn->approval.part_id.n == 0)
        messages[count++] = (struct databricks_message){
            DATABRICKS_ROLE_USER, turn_go_on_wish()};
    request->messages = messages;
    request->message_count = count;
}

/* The chat's own model is not offered any more: another one answers. */
static void tell_of_gone_model(struct turn *turn)
{
    if (turn->model_gone.n == 0 || turn->asked.endpoint.n > 0)
        return;
    turn_put_notice(turn, "model_gone",
        arena_printf(turn->arena,
            "The model of this chat, %.*s, is not offered any more; %.*s "
            "answers instead.",
            STR_ARG(turn->model_gone), STR_ARG(turn->model)));
}

static void ask(struct turn *turn)
{
    struct databricks_chat_request request = begin_request(turn);
    size_t first =
        choose_first(turn, request.system_prompt, request.max_tokens);
    add_messages(turn, first, &request);
    turn->state = TURN_ASKING;
    if (turn->asked_ms == 0)
        turn->asked_ms = loop_now_ms(turn->api->loop);
    tell_of_gone_model(turn);
    if (turn->approval.part_id.n > 0)
        turn_put_approval(turn);
    if (!turn_choose_way(turn, &request))
        return;
    turn->asked = request;
    turn->asked.messages = NULL;
    turn->asked.user_token = (struct str){0};
    if (databricks_chat_start(turn->api->config.databricks, &request,
            &turn_answer_handlers, turn, &turn->chat) != RC_OK)
        turn_fail(turn, "upstream_bad_request",
            "The server's model name is not valid. Tell its operator.");
}

static void on_context(struct store_op *op)
{
    struct turn *turn = op->ctx;
    struct store_load_context *l = &op->load_context;
    turn->op = NULL;
    if (op->rc == RC_OK) {
        turn->context = op;
        for (size_t i = 0; i < l->count; i++)
            l->messages[i].content = genie_as_context(
                l->messages[i].content, l->messages[i].parts, turn->arena);
        ask(turn);
        return;
    }
    if (op->rc == RC_NOT_FOUND)
        ask(turn);
    else
        turn_fail(turn, "storage_unavailable",
            "The chat so far could not be read, so the model was not asked. "
            "Try again.");
    store_op_free(op);
}

void turn_ask(struct turn *turn)
{
    struct api *api = turn->api;
    if (turn->genie.chosen) {
        genie_turn_ask(turn);
        return;
    }
    turn->state = TURN_LOADING;
    struct store_op *op =
        store_op_new(api->loop, STORE_LOAD_CONTEXT, on_context, turn);
    op->user_id = store_op_str(op, turn->owner.user_id);
    op->load_context = (struct store_load_context){
        .session_id = store_op_str(op, turn->session_id),
        .before_id = store_op_str(
            op, turn->question_id.n > 0 ? turn->question_id : turn->reply_id),
        .max_messages = history_bound(turn),
        .max_bytes = api->config.history_bytes,
    };
    turn->op = op;
    store_submit(api->config.store, op);
}

/* ---- Once more, otherwise ---- */

/* With half of what was said before; false when nothing was. */
static bool halve(struct turn *turn)
{
    if (turn->halved || turn->told.messages == 0)
        return false;
    turn->halved = true;
    turn->half = turn->told.messages / 2;
    turn_put_notice(turn, "context_cut",
        STR("The chat is too long for this model, so it was told only the "
            "newer half of it."));
    return true;
}

static void tell_of_refusal(
    struct turn *turn, const struct model_refusal *refusal)
{
    if (refusal->field == MODEL_FIELD_TEMPERATURE ||
        (refusal->field == MODEL_FIELD_MAX_TOKENS && refusal->most == 0) ||
        refusal->field == MODEL_FIELD_THINKING)
        turn_put_notice(turn,
            refusal->field == MODEL_FIELD_TEMPERATURE ? "no_temperature"
            : refusal->field == MODEL_FIELD_THINKING  ? "no_thinking"
                                                      : "no_max_tokens",
            arena_printf(turn->arena,
                "This model does not let %s be set; it answered without that "
                "setting.",
                model_field_words(refusal->field)));
    else if (refusal->field == MODEL_FIELD_MAX_TOKENS)
        turn_put_notice(turn, "fewer_tokens",
            arena_printf(turn->arena,
                "This model writes at most %lld tokens; it was asked for as "
                "many.",
                (long long)refusal->most));
}

/* Without what the endpoint refused; each thing is given up once. */
static bool give_up_refused(
    struct turn *turn, const struct databricks_error *error)
{
    struct model_refusal refusal;
    if (!model_refusal_read(error, &turn->asked, &refusal))
        return false;
    if (refusal.field == MODEL_FIELD_FORM) {
        if (turn->other_form)
            return false;
        turn->other_form = true;
        turn->form = turn->asked.task == DATABRICKS_TASK_RESPONSES
                         ? DATABRICKS_TASK_CHAT
                         : DATABRICKS_TASK_RESPONSES;
    } else if (refusal.most > 0 && turn->most_tokens == 0) {
        turn->most_tokens = refusal.most;
    } else if ((turn->refused & refusal.field) == 0) {
        refusal.most = 0;
        turn->refused |= refusal.field;
    } else {
        return false;
    }
    endpoint_probe_learn(turn->api->probe, turn->model, &refusal);
    tell_of_refusal(turn, &refusal);
    log_info("an endpoint refused a part of the request; it is asked again "
             "without it",
        LOG_STR("request_id", turn->request_id), LOG_STR("model", turn->model),
        LOG_CSTR("part", model_field_words(refusal.field)),
        LOG_CSTR("detail", error->detail));
    return true;
}

bool turn_ask_otherwise(struct turn *turn, const struct databricks_error *error)
{
    if (turn->first_token_ms != 0)
        return false;
    bool again = error->code == DATABRICKS_CONTEXT_TOO_LONG
                     ? halve(turn)
                     : give_up_refused(turn, error);
    if (again)
        ask(turn);
    return again;
}
