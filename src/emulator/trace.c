#include "emulator/trace.h"

enum { DOCUMENTS_MAX = 4096 };

/* What the retriever of the demo finds, whatever was asked. */
static const struct {
    const char *content;
    const char *metadata; /* JSON, NULL: none */
} documents[] = {
    {"This passage belongs to the built-in demo and is made up. It stands for "
     "a page that an agent would have found: its address is a web address, "
     "so it can be opened.",
        "{\"title\":\"Demo page (made up)\",\"url\":"
        "\"https://example.com/demo/made-up-page\",\"chunk_id\":\"1\"}"},
    {"This passage is made up too. It stands for a part of a file in a volume "
     "of the workspace; such an address is shown, but is no link.",
        "{\"url\":\"dbfs:/Volumes/demo/made-up/handbook.pdf\","
        "\"chunk_id\":\"7\"}"},
    {"This made-up passage comes without metadata, as some retrievers give "
     "them: there is nothing to show but the text.",
        NULL},
};

/* Traces hold such values as JSON inside a string. */
static void write_outputs(struct json_writer *w)
{
    struct json_writer list;
    struct buf text;
    buf_init(&text, DOCUMENTS_MAX);
    json_writer_init(&list, &text);
    json_begin_array(&list);
    for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
        json_begin_object(&list);
        json_member_str(
            &list, "page_content", str_from_c(documents[i].content));
        if (documents[i].metadata != NULL)
            json_member_raw(
                &list, "metadata", str_from_c(documents[i].metadata));
        json_end_object(&list);
    }
    json_end_array(&list);
    json_member_str(w, "mlflow.spanOutputs", buf_str(&text));
    buf_release(&text);
}

static void write_span(
    struct json_writer *w, const char *name, const char *type, bool retrieves)
{
    json_begin_object(w);
    json_member_str(w, "name", str_from_c(name));
    json_member_str(w, "span_id", retrieves ? STR("0x02") : STR("0x01"));
    json_member_opt(w, "parent_id", retrieves ? STR("0x01") : STR(""));
    json_key(w, "attributes");
    json_begin_object(w);
    json_member_str(w, "mlflow.spanType", str_from_c(type));
    if (retrieves)
        write_outputs(w);
    json_end_object(w);
    json_end_object(w);
}

static void write_info(const struct emu_reply *r, struct json_writer *w)
{
    struct buf id;
    buf_init(&id, EMU_ID_SIZE + 3);
    buf_append(&id, STR("tr-"));
    buf_append(&id, str_from_c(r->id));
    json_key(w, "info");
    json_begin_object(w);
    json_member_str(w, "trace_id", buf_str(&id));
    json_end_object(w);
    buf_release(&id);
}

void emu_trace_write(const struct emu_reply *r, struct json_writer *w)
{
    json_key(w, "databricks_output");
    json_begin_object(w);
    json_key(w, "trace");
    json_begin_object(w);
    write_info(r, w);
    json_key(w, "data");
    json_begin_object(w);
    json_key(w, "spans");
    json_begin_array(w);
    write_span(w, "docs_assistant", "\"AGENT\"", false);
    write_span(w, "VectorStoreRetriever", "\"RETRIEVER\"", true);
    json_end_array(w);
    json_end_object(w);
    json_end_object(w);
    json_end_object(w);
}
