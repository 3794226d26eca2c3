#include "base/arena.h"
#include "base/json.h"

#include "emulator/genie_int.h"
#include "emulator/genie_state.h"

/*
 * The same spaces as MCP servers: JSON-RPC 2.0 over streamable HTTP. Two
 * tools a space; without a session it works too, as the real ones do.
 */
enum {
    PARSE_ERROR = -32'700,
    INVALID_REQUEST = -32'600,
    METHOD_NOT_FOUND = -32'601,
    INVALID_PARAMS = -32'602,
    INTERNAL_ERROR = -32'603,
    NO_SESSION = -32'001,
    MAX_ID = 256,
};

#define VERSION "2025-06-18"
#define QUERY "query_space_"
#define POLL "poll_response_"

/* One request that wants an answer. */
struct rpc {
    struct emulator *e;
    struct http_request *request;
    struct emu_genie_space *space;
    enum emu_fault fault; /* of the space, or of the message it is about */
    struct str id;        /* JSON */
    const struct jv *params;
};

/* ---- Answers ---- */

/* As an event stream, perhaps with something else before it. */
static void frame(struct str body, bool notified, struct buf *out)
{
    if (notified)
        buf_append(out,
            STR(": hello\n\nevent: message\ndata: {\"jsonrpc\":\"2.0\","
                "\"method\":\"notifications/message\",\"params\":{\"level\":"
                "\"info\",\"data\":\"Genie thinks\"}}\n\n: still there\n\n"));
    buf_append(out, STR("event: message\ndata: "));
    buf_append(out, body);
    buf_append(out, STR("\n\n"));
}

static void send_body(
    const struct rpc *c, int status, struct str body, struct str session)
{
    bool notified = c->fault == EMU_FAULT_GENIE_SSE_NOTIFIED;
    bool streams =
        status == 200 && (notified || c->fault == EMU_FAULT_GENIE_SSE);
    struct http_header header = {STR("mcp-session-id"), session};
    struct buf framed;
    buf_init(&framed, EMU_GENIE_BODY_MAX);
    if (streams)
        frame(body, notified, &framed);
    emu_answer(c->request, status,
        streams ? STR("text/event-stream") : STR("application/json"),
        streams ? buf_str(&framed) : body, &header, session.n > 0 ? 1 : 0);
    buf_release(&framed);
}

static void begin(struct json_writer *w, struct buf *body, struct str id)
{
    buf_init(body, EMU_GENIE_BODY_MAX);
    json_writer_init(w, body);
    json_begin_object(w);
    json_member_str(w, "jsonrpc", STR("2.0"));
    json_member_raw(w, "id", id);
}

static void end(
    const struct rpc *c, struct json_writer *w, int status, struct str session)
{
    json_end_object(w);
    send_body(c, status, buf_str(w->out), session);
    buf_release(w->out);
}

static void fail_with(
    const struct rpc *c, int status, int code, struct str message)
{
    struct json_writer w;
    struct buf body;
    begin(&w, &body, c->id);
    json_key(&w, "error");
    json_begin_object(&w);
    json_member_int(&w, "code", code);
    json_member_str(&w, "message", message);
    json_end_object(&w);
    end(c, &w, status, STR(""));
}

static void fail(const struct rpc *c, int code, struct str message)
{
    fail_with(c, 200, code, message);
}

/* The tool's answer: text, and the same as a document if there is one. */
static void answer_text(
    const struct rpc *c, struct str text, bool structured, bool is_error)
{
    struct json_writer w;
    struct buf body;
    begin(&w, &body, c->id);
    json_key(&w, "result");
    json_begin_object(&w);
    json_key(&w, "content");
    json_begin_array(&w);
    json_begin_object(&w);
    json_member_str(&w, "type", STR("text"));
    json_member_str(&w, "text", text);
    json_end_object(&w);
    json_end_array(&w);
    if (structured)
        json_member_raw(&w, "structuredContent", text);
    json_member_bool(&w, "isError", is_error);
    json_end_object(&w);
    end(c, &w, 200, STR(""));
}

/* ---- What a message is, as the tools tell it ---- */

static void put_query(struct json_writer *w, const struct emu_genie_message *m,
    size_t query, bool expired)
{
    struct buf text;
    buf_init(&text, EMU_GENIE_BODY_MAX);
    json_begin_object(w);
    emu_genie_write_query(m, query, &text);
    json_member_str(w, "query", buf_str(&text));
    buf_clear(&text);
    emu_genie_write_about(m, query, &text);
    json_member_str(w, "description", buf_str(&text));
    if (!expired) {
        json_key(w, "statement_response");
        if (m->fault == EMU_FAULT_GENIE_FAILED_RESULT)
            emu_genie_write_unfinished(w, m, "FAILED");
        else
            emu_genie_write_statement(w, m, query, EMU_GENIE_MCP);
    }
    json_end_object(w);
    buf_release(&text);
}

/* {"queryAttachments":[],"textAttachments":[],"suggestedQuestions":[]} */
static void put_newer(struct json_writer *w, const struct emu_genie_message *m)
{
    json_begin_object(w);
    json_key(w, "queryAttachments");
    json_begin_array(w);
    for (size_t i = 0; i < emu_genie_queries(m); i++)
        put_query(w, m, i, false);
    json_end_array(w);
    json_key(w, "textAttachments");
    json_begin_array(w);
    json_begin_object(w);
    struct buf text;
    buf_init(&text, EMU_GENIE_BODY_MAX);
    emu_genie_write_text(m, &text);
    json_member_str(w, "content", buf_str(&text));
    buf_release(&text);
    json_end_object(w);
    json_end_array(w);
    json_key(w, "suggestedQuestions");
    emu_genie_write_suggestions(w);
    json_end_object(w);
}

/* The member "content": an object, or a string that may hold a document. */
static void put_content(
    struct json_writer *w, const struct emu_genie_message *m, bool expired)
{
    struct json_writer inner;
    struct buf text;
    json_key(w, "content");
    if (m->fault == EMU_FAULT_GENIE_NEWER_CONTENT) {
        put_newer(w, m);
        return;
    }
    buf_init(&text, EMU_GENIE_BODY_MAX);
    json_writer_init(&inner, &text);
    size_t queries = emu_genie_queries(m);
    if (queries == 0 || m->fault == EMU_FAULT_GENIE_PLAIN_CONTENT)
        emu_genie_write_text(m, &text);
    else
        put_query(&inner, m, queries - 1, expired);
    json_put_str(w, buf_str(&text));
    buf_release(&text);
}

static void answer_message(struct rpc *c, const struct emu_genie_message *m)
{
    struct json_writer w;
    struct buf text;
    struct str state = str_from_c(emu_genie_message_state(c->e, m));
    bool expired = str_eq(state, STR("QUERY_RESULT_EXPIRED"));
    const char *type, *words;
    if (c->fault == EMU_FAULT_NONE)
        c->fault = m->fault;
    buf_init(&text, EMU_GENIE_BODY_MAX);
    json_writer_init(&w, &text);
    json_begin_object(&w);
    json_member_str(&w, "conversationId", str_from_c(m->conversation->id));
    json_member_str(&w, "messageId", str_from_c(m->id));
    json_member_str(&w, "status", state);
    if (expired || str_eq(state, STR("COMPLETED")))
        put_content(&w, m, expired);
    if (str_eq(state, STR("FAILED"))) {
        emu_genie_error(m->fault, &type, &words);
        json_member_str(&w, "error",
            arena_printf(
                http_request_arena(c->request), "%s: %s", type, words));
    }
    json_end_object(&w);
    answer_text(
        c, buf_str(&text), m->fault == EMU_FAULT_GENIE_NEWER_CONTENT, false);
    buf_release(&text);
}

/* ---- tools/call ---- */

/* Whether the arguments are these strings, the first `needed` of them set. */
static bool check_arguments(const struct rpc *c, const struct jv *arguments,
    const char *const known[], size_t count, size_t needed)
{
    void *pos = NULL;
    struct str key;
    const struct jv *value;
    bool ok = jv_type(arguments) == JV_OBJECT;
    while (jv_each(arguments, &pos, &key, &value)) {
        bool found = false;
        for (size_t i = 0; i < count; i++)
            found = found || str_eq(key, str_from_c(known[i]));
        ok = ok && found && jv_type(value) == JV_STRING;
    }
    for (size_t i = 0; i < needed; i++)
        ok = ok && jv_get_str(arguments, known[i]).n > 0;
    if (!ok)
        fail(c, INVALID_PARAMS,
            STR("Invalid arguments for the tool: see its inputSchema."));
    return ok;
}

/* "Conversation <id> was not found or has expired." */
static void fail_unknown(const struct rpc *c, const char *what, struct str id)
{
    fail(c, INTERNAL_ERROR,
        arena_printf(http_request_arena(c->request),
            "%s %.*s was not found or has expired.", what, STR_ARG(id)));
}

/* Faults that MCP tells in its own way; whether there was one. */
static bool failed_here(
    struct rpc *c, enum emu_fault fault, struct str conversation)
{
    if (fault == EMU_FAULT_GENIE_FORGETS && conversation.n > 0)
        fail_unknown(c, "Conversation", conversation);
    else if (fault == EMU_FAULT_GENIE_RPC_ERROR)
        fail(c, INTERNAL_ERROR, STR("Internal error: Genie could not answer."));
    else if (fault == EMU_FAULT_GENIE_TOOL_ERROR)
        answer_text(c, STR("Genie could not answer: the warehouse is stopped."),
            false, true);
    else
        return false;
    return true;
}

static void call_query(struct rpc *c, const struct jv *arguments)
{
    static const char *const known[] = {"query", "conversation_id"};
    struct emu_genie_conversation *talk = NULL;
    struct emu_genie_message *m = NULL;
    struct emu_behaviour behaviour;
    if (!check_arguments(c, arguments, known, 2, 1))
        return;
    struct str id = jv_get_str(arguments, "conversation_id");
    struct str question = jv_get_str(arguments, "query");
    const char *wrong = emu_genie_wrong_question(question);
    if (wrong != NULL) {
        answer_text(c, str_from_c(wrong), false, true);
        return;
    }
    if (!emu_genie_admit(c->e, c->request, c->space, question, &behaviour))
        return;
    c->fault = behaviour.fault.fault;
    if (failed_here(c, c->fault, id))
        return;
    talk = id.n > 0 ? emu_genie_conversation_get(c->e, c->request, c->space, id)
                    : emu_genie_conversation_new(c->e, c->request, c->space);
    if (talk != NULL)
        m = emu_genie_message_new(c->e, talk, question, &behaviour);
    if (m != NULL)
        answer_message(c, m);
    else
        fail_unknown(c, "Conversation", id);
}

static void call_poll(struct rpc *c, const struct jv *arguments)
{
    static const char *const known[] = {"conversation_id", "message_id"};
    if (!check_arguments(c, arguments, known, 2, 2))
        return;
    struct str id = jv_get_str(arguments, "conversation_id");
    struct str message = jv_get_str(arguments, "message_id");
    struct emu_genie_conversation *talk =
        emu_genie_conversation_get(c->e, c->request, c->space, id);
    struct emu_genie_message *m =
        talk != NULL ? emu_genie_message_get(talk, message) : NULL;
    if (m == NULL) {
        fail_unknown(c, talk == NULL ? "Conversation" : "Message",
            talk == NULL ? id : message);
        return;
    }
    m->polls++;
    if (m->fault == EMU_FAULT_GENIE_POLL_FAILS && m->polls <= m->fault_arg)
        emu_refuse(c->request, 503, STR("TEMPORARILY_UNAVAILABLE"),
            STR("Genie is temporarily unavailable."));
    else
        answer_message(c, m);
}

static bool is_tool(struct str name, struct str prefix, const char *space)
{
    return str_starts_with(name, prefix) &&
           str_eq(str_sub(name, prefix.n, name.n), str_from_c(space));
}

static void do_call(struct rpc *c)
{
    struct str name = jv_get_str(c->params, "name");
    const struct jv *arguments = jv_get(c->params, "arguments");
    if (is_tool(name, STR(QUERY), c->space->id))
        call_query(c, arguments);
    else if (is_tool(name, STR(POLL), c->space->id))
        call_poll(c, arguments);
    else
        fail(c, INVALID_PARAMS,
            arena_printf(http_request_arena(c->request), "Unknown tool: %.*s",
                STR_ARG(str_sub(name, 0, MAX_ID))));
}

/* ---- The other methods ---- */

static void do_ping(struct rpc *c)
{
    struct json_writer w;
    struct buf body;
    begin(&w, &body, c->id);
    json_member_raw(&w, "result", STR("{}"));
    end(c, &w, 200, STR(""));
}

static void put_tool(struct json_writer *w, const struct rpc *c,
    const char *prefix, const char *about, const char *schema)
{
    json_begin_object(w);
    json_member_str(w, "name",
        arena_printf(
            http_request_arena(c->request), "%s%s", prefix, c->space->id));
    json_member_str(w, "description", str_from_c(about));
    json_member_raw(w, "inputSchema", str_from_c(schema));
    json_end_object(w);
}

static void do_list(struct rpc *c)
{
    struct json_writer w;
    struct buf body;
    begin(&w, &body, c->id);
    json_key(&w, "result");
    json_begin_object(&w);
    json_key(&w, "tools");
    json_begin_array(&w);
    put_tool(&w, c, QUERY, "Asks the space a question about its data.",
        "{\"type\":\"object\",\"properties\":{\"query\":{\"type\":\"string\"},"
        "\"conversation_id\":{\"type\":\"string\"}},\"required\":[\"query\"]}");
    put_tool(&w, c, POLL, "Looks how far the answer to a question is.",
        "{\"type\":\"object\",\"properties\":{\"conversation_id\":{\"type\":"
        "\"string\"},\"message_id\":{\"type\":\"string\"}},\"required\":["
        "\"conversation_id\",\"message_id\"]}");
    json_end_array(&w);
    json_end_object(&w);
    end(c, &w, 200, STR(""));
}

static void do_initialize(struct rpc *c)
{
    struct json_writer w;
    struct buf body;
    const struct jv *client = jv_get(c->params, "clientInfo");
    if (jv_get_str(c->params, "protocolVersion").n == 0 ||
        jv_type(jv_get(c->params, "capabilities")) != JV_OBJECT ||
        jv_get_str(client, "name").n == 0 ||
        jv_get_str(client, "version").n == 0) {
        fail(c, INVALID_PARAMS,
            STR("initialize needs protocolVersion, capabilities and "
                "clientInfo with name and version."));
        return;
    }
    begin(&w, &body, c->id);
    json_key(&w, "result");
    json_begin_object(&w);
    json_member_str(&w, "protocolVersion", STR(VERSION));
    json_member_raw(
        &w, "capabilities", STR("{\"tools\":{\"listChanged\":false}}"));
    json_member_raw(&w, "serverInfo",
        STR("{\"name\":\"demo-genie\",\"version\":\"1.0.0\"}"));
    json_end_object(&w);
    end(c, &w, 200, emu_genie_session(c->e, c->request, c->space));
}

/* ---- The request ---- */

static const struct {
    const char *method;
    void (*run)(struct rpc *c);
} methods[] = {
    {"initialize", do_initialize},
    {"ping", do_ping},
    {"tools/list", do_list},
    {"tools/call", do_call},
};

static void run(struct rpc *c, struct str method)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        if (str_eq(method, str_from_c(methods[i].method))) {
            methods[i].run(c);
            return;
        }
    }
    fail(c, METHOD_NOT_FOUND,
        arena_printf(http_request_arena(c->request), "Method not found: %.*s",
            STR_ARG(str_sub(method, 0, MAX_ID))));
}

/* Whether the client takes what may come; else it was told. */
static bool check_headers(struct rpc *c)
{
    struct str accept = http_request_header(c->request, "accept");
    struct str version =
        http_request_header(c->request, "mcp-protocol-version");
    bool both = str_contains(accept, STR("application/json")) &&
                str_contains(accept, STR("text/event-stream"));
    if (!both && !str_contains(accept, STR("*/*"))) {
        fail_with(c, 406, INVALID_REQUEST,
            STR("Not Acceptable: the client must accept application/json and "
                "text/event-stream."));
        return false;
    }
    if (version.n > 0 && !str_eq(version, STR(VERSION))) {
        fail_with(c, 400, INVALID_REQUEST,
            STR("Bad Request: unsupported MCP-Protocol-Version."));
        return false;
    }
    return true;
}

/* Whether the session is right, or may be missing; else it was told. */
static bool check_session(struct rpc *c, struct str method)
{
    struct str given = http_request_header(c->request, "mcp-session-id");
    struct str known = emu_genie_session(c->e, c->request, c->space);
    if (given.n > 0 && !str_eq(given, known)) {
        fail_with(c, 404, NO_SESSION, STR("Session not found."));
        return false;
    }
    if (given.n == 0 && !str_eq(method, STR("initialize")) &&
        c->space->fault.fault == EMU_FAULT_GENIE_SESSION_REQUIRED) {
        fail_with(c, 400, NO_SESSION,
            STR("Bad Request: no Mcp-Session-Id was sent."));
        return false;
    }
    return true;
}

/* The id as JSON; "": a notification; NULL: neither string nor integer. */
static bool read_id(struct rpc *c, const struct jv *document)
{
    const struct jv *id = jv_get(document, "id");
    struct buf text;
    if (id == NULL)
        return true;
    buf_init(&text, MAX_ID);
    bool ok = (jv_type(id) == JV_STRING || jv_type(id) == JV_INTEGER) &&
              jv_dump(id, &text) == RC_OK;
    if (ok)
        c->id = arena_str(http_request_arena(c->request), buf_str(&text));
    buf_release(&text);
    return ok;
}

static void dispatch(struct rpc *c, const struct jv *document)
{
    struct str method = jv_get_str(document, "method");
    const struct jv *params = jv_get(document, "params");
    bool fine = read_id(c, document);
    if (!fine || method.n == 0 ||
        !str_eq(jv_get_str(document, "jsonrpc"), STR("2.0")) ||
        (params != NULL && jv_type(params) != JV_OBJECT)) {
        fail_with(c, 400, INVALID_REQUEST, STR("Invalid Request"));
        return;
    }
    c->params = params;
    if (!check_headers(c) || !check_session(c, method))
        return;
    if (c->id.n > 0)
        run(c, method);
    else
        emu_answer(c->request, 202, STR(""), STR(""), NULL, 0);
}

void emu_handle_genie_mcp(struct http_request *request, void *ctx)
{
    struct jv *document;
    struct str id = http_request_param(request, "space_id");
    struct rpc c = {.e = ctx, .request = request};
    c.space = emu_genie_space_get(c.e, id);
    if (c.space == NULL) {
        emu_refuse(request, 404, STR("RESOURCE_DOES_NOT_EXIST"),
            arena_printf(http_request_arena(request),
                "Space %.*s does not exist.", STR_ARG(id)));
        return;
    }
    if (emu_genie_closed(c.e, request, c.space))
        return;
    c.fault = c.space->fault.fault;
    if (!str_eq_nocase(
            http_request_media_type(request), STR("application/json")) ||
        jv_parse(http_request_body(request), NULL, &document) != RC_OK) {
        fail_with(&c, 400, PARSE_ERROR, STR("Parse error"));
        return;
    }
    dispatch(&c, document);
    jv_free(document);
}
