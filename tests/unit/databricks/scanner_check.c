#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "databricks/chat_document.h"
#include "databricks/chunk_scanner.h"
#include "databricks/error.h"

#include "event_log.h"
#include "scanner_check.h"

enum { TEXT_MAX = 65536 };

static void end(struct answer *a)
{
    answer_flush(a);
    answer_end(a);
    answer_release(a);
}

/* False when the scanner leaves the document to the tree. */
static bool by_scanner(struct str data, struct event_log *log)
{
    struct buf scratch;
    struct chunk chunk;
    buf_init(&scratch, TEXT_MAX);
    bool yes = chunk_scan(data, &scratch, &chunk);
    if (yes) {
        struct answer a;
        answer_init(&a, event_log_note, log);
        answer_text(&a, chunk.text);
        answer_add_counts(&a, &chunk.counts);
        end(&a);
    }
    buf_release(&scratch);
    return yes;
}

static void by_tree(struct str data, struct event_log *log)
{
    struct jv *document;
    struct databricks_error error;
    if (jv_parse(data, NULL, &document) != RC_OK) {
        buf_append(&log->text, STR("broken"));
        return;
    }
    struct answer a;
    answer_init(&a, event_log_note, log);
    if (databricks_error_from_event(document, &error))
        buf_append(&log->text, STR("error"));
    else
        chat_document_read(document, &a);
    end(&a);
    jv_free(document);
}

/* What both make of the bytes. */
static enum scanner_check compare(
    struct str data, struct event_log *scanned, struct event_log *tree)
{
    if (!by_scanner(data, scanned))
        return SCANNER_LEAVES;
    by_tree(data, tree);
    if (str_eq(buf_str(&scanned->text), buf_str(&tree->text)))
        return SCANNER_AGREES;
    fprintf(stderr, "scanner: %.*s\ntree: %.*s\n",
        STR_ARG(buf_str(&scanned->text)), STR_ARG(buf_str(&tree->text)));
    return SCANNER_DIFFERS;
}

enum scanner_check scanner_check(struct str data)
{
    struct event_log scanned, tree;
    event_log_init(&scanned, TEXT_MAX);
    event_log_init(&tree, TEXT_MAX);
    /* An allocation of its own, so that reading past the end is seen. */
    char *exact = mem_alloc(data.n ? data.n : 1);
    memcpy(exact, data.n ? data.p : "", data.n);
    enum scanner_check verdict =
        compare((struct str){exact, data.n}, &scanned, &tree);
    mem_free(exact);
    event_log_release(&scanned);
    event_log_release(&tree);
    return verdict;
}
