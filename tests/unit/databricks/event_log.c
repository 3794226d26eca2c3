#include "event_log.h"

void event_log_init(struct event_log *log, size_t max)
{
    *log = (struct event_log){.open = -1};
    buf_init(&log->text, max);
}

void event_log_release(struct event_log *log)
{
    buf_release(&log->text);
}

static void close_bracket(struct event_log *log)
{
    if (log->open >= 0)
        buf_append_char(&log->text, ')');
    log->open = -1;
}

void event_log_note(void *ctx, const struct databricks_event *event)
{
    struct event_log *log = ctx;
    log->events++;
    if (log->open != (int)event->type) {
        close_bracket(log);
        buf_printf(&log->text, "%c(", "TRUFSICOAX"[event->type]);
        log->open = (int)event->type;
    }
    if (event->type == DATABRICKS_EVENT_USAGE)
        buf_printf(&log->text, "%lld,%lld,%lld",
            (long long)event->usage.prompt_tokens,
            (long long)event->usage.completion_tokens,
            (long long)event->usage.cached_tokens);
    else
        buf_append(&log->text, event->text);
}

void event_log_end(struct event_log *log, enum chat_verdict verdict,
    const struct databricks_error *error)
{
    close_bracket(log);
    const char *word = verdict == CHAT_COMPLETE ? "complete" : "empty";
    if (verdict == CHAT_FAILED)
        word = databricks_code_name(error->code);
    buf_append(&log->text, str_from_c(word));
}
