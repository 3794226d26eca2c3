#include "base/json.h"
#include "telemetry/log.h"

#include "databricks/genie_int.h"
#include "databricks/mcp.h"

/* The space's MCP server (databricks 7.2). */

static void mcp_write(struct databricks_genie *g)
{
    const struct mcp_argument question[] = {
        {"query", g->content},
        {"conversation_id", g->result.conversation_id},
    };
    const struct mcp_argument place[] = {
        {"conversation_id", g->result.conversation_id},
        {"message_id", g->result.message_id},
    };
    g->method = STR("POST");
    buf_printf(&g->path, "/api/2.0/mcp/genie/%.*s", STR_ARG(g->space_id));
    g->last_id++;
    switch (g->step) {
    case GENIE_OPEN:
        mcp_write_initialize(&g->body, g->last_id);
        break;
    case GENIE_GREET:
        mcp_write_initialized(&g->body);
        break;
    case GENIE_LIST:
        mcp_write_list(&g->body, g->last_id);
        break;
    case GENIE_ASK:
        mcp_write_call(&g->body, g->last_id, g->query_tool, question, 2);
        break;
    case GENIE_POLL:
    case GENIE_ROWS:
    case GENIE_RERUN:
        mcp_write_call(&g->body, g->last_id, g->poll_tool, place, 2);
        break;
    }
}

/* The workspace does not speak it; the question has not been asked yet. */
static void give_way(struct databricks_genie *g, const char *why)
{
    log_warn("Genie is not to be asked by MCP; asked by its own interface",
        LOG_STR("request_id", g->request_id), LOG_CSTR("why", why));
    g->protocol = &genie_rest;
    genie_go(g, GENIE_ASK);
}

/* What the tools are called where the server does not say. */
static void name_tools(struct databricks_genie *g, const struct jv *result)
{
    struct str query = mcp_find_tool(result, STR("query_space_"), g->space_id);
    struct str poll = mcp_find_tool(result, STR("poll_response_"), g->space_id);
    g->query_tool = query.n > 0 ? arena_str(g->arena, query)
                                : arena_printf(g->arena, "query_space_%.*s",
                                      STR_ARG(g->space_id));
    g->poll_tool = poll.n > 0 ? arena_str(g->arena, poll)
                              : arena_printf(g->arena, "poll_response_%.*s",
                                    STR_ARG(g->space_id));
}

static void read_opening(struct databricks_genie *g,
    const struct fetch_answer *answer, const struct mcp_answer *said)
{
    if (said->verdict == MCP_UNREADABLE) {
        give_way(g, "its answer is none of MCP");
        return;
    }
    (void)buf_append(&g->session, answer->mcp_session);
    if (said->verdict == MCP_RESULT) {
        genie_go(g, GENIE_GREET);
        return;
    }
    name_tools(g, NULL);
    genie_go(g, GENIE_ASK);
}

static void read_tools(
    struct databricks_genie *g, const struct mcp_answer *said)
{
    bool listed = said->verdict == MCP_RESULT &&
                  jv_count(jv_get(said->result, "tools")) > 0;
    if (listed &&
        mcp_find_tool(said->result, STR("query_space_"), STR("")).n == 0) {
        give_way(g, "the server has no tool for questions");
        return;
    }
    name_tools(g, listed ? said->result : NULL);
    genie_go(g, GENIE_ASK);
}

/* The server did not take a call, or the tool did not. */
static void read_refusal(
    struct databricks_genie *g, const struct mcp_answer *said)
{
    if (genie_renew(g, false, said->text))
        return;
    if (str_contains(said->text, STR("ate limit")) ||
        str_contains(said->text, STR("RATE_LIMIT")) ||
        str_contains(said->text, STR("429"))) {
        struct databricks_error error;
        databricks_error_make(
            DATABRICKS_UPSTREAM_RATE_LIMITED, said->text, &error);
        error.resend = DATABRICKS_RESEND_LATER;
        genie_trouble(g, &error);
        return;
    }
    genie_refuse(g,
        said->verdict == MCP_ERROR ? STR("MCP_ERROR") : STR("TOOL_ERROR"),
        said->text);
}

static void read_answer(
    struct databricks_genie *g, const struct mcp_answer *said)
{
    if (said->verdict == MCP_UNREADABLE || said->text.n == 0) {
        if (said->verdict == MCP_ERROR || said->verdict == MCP_TOOL_ERROR)
            read_refusal(g, said);
        else
            genie_fail_as(g, DATABRICKS_UPSTREAM_BAD_RESPONSE,
                STR("the answer of Genie's tool cannot be read"));
        return;
    }
    if (said->verdict != MCP_RESULT) {
        read_refusal(g, said);
        return;
    }
    genie_read_tool_text(said->text, g->arena, &g->result);
    genie_message_read(g);
}

static void mcp_read_step(
    struct databricks_genie *g, const struct fetch_answer *answer)
{
    struct mcp_answer said;
    if (g->step == GENIE_GREET) {
        genie_go(g, GENIE_LIST);
        return;
    }
    struct arena *scratch = arena_new();
    mcp_read(answer->body, g->last_id, scratch, &said);
    switch (g->step) {
    case GENIE_OPEN:
        read_opening(g, answer, &said);
        break;
    case GENIE_LIST:
        read_tools(g, &said);
        break;
    case GENIE_GREET:
    case GENIE_ASK:
    case GENIE_POLL:
    case GENIE_ROWS:
    case GENIE_RERUN:
        read_answer(g, &said);
        break;
    }
    jv_free(said.document);
    arena_free(scratch);
}

static bool mcp_failed(
    struct databricks_genie *g, const struct databricks_error *error)
{
    int status = error->http_status;
    bool absent = status == 400 || status == 404 || status == 405 ||
                  status == 406 || status == 501;
    bool before = g->step == GENIE_OPEN || g->step == GENIE_GREET ||
                  g->step == GENIE_LIST;
    if (before && absent) {
        give_way(g, "the workspace has no such server");
        return true;
    }
    if (g->step == GENIE_ASK && status >= 400 && status < 500 &&
        genie_renew(g, false, str_from_c(error->detail)))
        return true;
    if (g->step == GENIE_POLL && absent && g->result.message_id.n > 0) {
        g->protocol = &genie_rest;
        genie_go(g, GENIE_POLL);
        return true;
    }
    return false;
}

const struct genie_protocol genie_mcp = {
    .name = "mcp",
    .first = GENIE_OPEN,
    .write = mcp_write,
    .read = mcp_read_step,
    .failed = mcp_failed,
};
