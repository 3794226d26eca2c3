#include "base/json.h"
#include "base/json_writer.h"

#include "databricks/genie_int.h"

/* The Conversation API (databricks 7.1). */

static void put_message_path(struct databricks_genie *g)
{
    buf_printf(&g->path, "/conversations/%.*s/messages",
        STR_ARG(g->result.conversation_id));
    if (g->step != GENIE_ASK)
        buf_printf(&g->path, "/%.*s", STR_ARG(g->result.message_id));
}

static void put_attachment_path(struct databricks_genie *g, const char *what)
{
    put_message_path(g);
    buf_printf(&g->path, "/attachments/%.*s/%s",
        STR_ARG(g->result.attachment_id), what);
}

static void write_question(struct databricks_genie *g)
{
    struct json_writer w;
    if (g->result.conversation_id.n > 0)
        put_message_path(g);
    else
        buf_append(&g->path, STR("/start-conversation"));
    json_writer_init(&w, &g->body);
    json_begin_object(&w);
    json_member_str(&w, "content", g->content);
    json_end_object(&w);
}

static void rest_write(struct databricks_genie *g)
{
    buf_printf(&g->path, "/api/2.0/genie/spaces/%.*s", STR_ARG(g->space_id));
    g->method = STR("GET");
    switch (g->step) {
    case GENIE_ASK:
        g->method = STR("POST");
        write_question(g);
        break;
    case GENIE_ROWS:
        put_attachment_path(g, "query-result");
        break;
    case GENIE_RERUN:
        g->method = STR("POST");
        put_attachment_path(g, "execute-query");
        break;
    case GENIE_OPEN:
    case GENIE_GREET:
    case GENIE_LIST:
    case GENIE_POLL:
        put_message_path(g);
        break;
    }
}

static void read_rows(struct databricks_genie *g, const struct jv *document)
{
    switch (genie_read_statement(document, g->arena, &g->result)) {
    case GENIE_STATEMENT_RUNNING:
        genie_wait_for_rows(g);
        break;
    case GENIE_STATEMENT_READY:
        g->result.state = STR("COMPLETED");
        genie_finish(g);
        break;
    case GENIE_STATEMENT_FAILED:
        g->result.state = STR("FAILED");
        genie_finish(g);
        break;
    case GENIE_STATEMENT_GONE:
        g->result.state = STR("QUERY_RESULT_EXPIRED");
        genie_message_read(g);
        break;
    case GENIE_STATEMENT_NONE:
        if (g->step == GENIE_RERUN)
            genie_wait_for_rows(g);
        else
            genie_fail_as(g, DATABRICKS_UPSTREAM_BAD_RESPONSE,
                STR("the result of the query cannot be read"));
        break;
    }
}

static void rest_read(
    struct databricks_genie *g, const struct fetch_answer *answer)
{
    struct jv *document;
    if (jv_parse(answer->body, NULL, &document) != RC_OK) {
        genie_fail_as(g, DATABRICKS_UPSTREAM_BAD_RESPONSE,
            STR("Genie's answer is not JSON"));
        return;
    }
    if (g->step == GENIE_ROWS || g->step == GENIE_RERUN) {
        read_rows(g, document);
    } else {
        genie_read_message(document, g->arena, &g->result);
        if (g->result.state.n == 0)
            g->result.state = STR("SUBMITTED");
        genie_message_read(g);
    }
    jv_free(document);
}

/* The conversation is gone, or the result is. */
static bool rest_failed(
    struct databricks_genie *g, const struct databricks_error *error)
{
    struct str detail = str_from_c(error->detail);
    bool refused = error->http_status >= 400 && error->http_status < 500;
    if (refused && g->step == GENIE_ASK)
        return genie_renew(g, error->http_status == 404, detail);
    if (refused && g->step == GENIE_ROWS && !g->reran &&
        (error->http_status == 404 || str_contains(detail, STR("EXPIRED")) ||
            str_contains(detail, STR("expired")))) {
        g->reran = true;
        genie_go(g, GENIE_RERUN);
        return true;
    }
    return false;
}

const struct genie_protocol genie_rest = {
    .name = "rest",
    .first = GENIE_ASK,
    .write = rest_write,
    .read = rest_read,
    .failed = rest_failed,
};
