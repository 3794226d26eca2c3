#include "emulator/catalog.h"

static const struct emu_model models[] = {
    {.name = "databricks-claude-sonnet-4-5",
        .upstream = "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        .display = "Claude Sonnet 4.5",
        .about = "Plain text chunks, cumulative usage on each of them.",
        .id_prefix = "msg_bdrk_",
        .flags = EMU_CLAUDE | EMU_USAGE_EACH | EMU_GATEWAY,
        .max_tokens = 64'000},
    {.name = "databricks-claude-sonnet-5-thinking",
        .upstream = "us.anthropic.claude-sonnet-5-v1:0",
        .display = "Claude Sonnet 5 (thinking)",
        .about = "Content arrays with reasoning and a signature, then text.",
        .id_prefix = "msg_bdrk_",
        .flags = EMU_CLAUDE | EMU_USAGE_EACH | EMU_REASONING | EMU_SIGNATURE |
                 EMU_NO_TEMPERATURE | EMU_NO_PREFILL,
        .max_tokens = 64'000},
    {.name = "databricks-claude-opus-5",
        .upstream = "us.anthropic.claude-opus-5-v1:0",
        .display = "Claude Opus 5",
        .about = "First chunk of text as a content array, no temperature.",
        .id_prefix = "msg_bdrk_",
        .flags = EMU_CLAUDE | EMU_USAGE_EACH | EMU_ARRAY_FIRST |
                 EMU_NO_TEMPERATURE | EMU_NO_PREFILL,
        .max_tokens = 32'000},
    {.name = "databricks-gpt-oss-120b",
        .upstream = "gpt-oss-120b-080525",
        .display = "GPT OSS 120B",
        .about = "Reasoning and text as content arrays, also at once.",
        .id_prefix = "chatcmpl_",
        .flags =
            EMU_REASONING | EMU_ARRAY_TEXT | EMU_USAGE_EACH | EMU_ONE_TOOL_CALL,
        .max_tokens = 25'000},
    {.name = "databricks-meta-llama-3-3-70b-instruct",
        .upstream = "meta-llama-3.3-70b-instruct-121024",
        .display = "Llama 3.3 70B Instruct",
        .about = "Role in a first chunk, usage in a last one without choices.",
        .id_prefix = "chatcmpl_",
        .flags = EMU_ROLE_FIRST | EMU_USAGE_LAST,
        .max_tokens = 8'192},
    {.name = "qwq-32b-think",
        .upstream = "qwq-32b",
        .display = "QwQ 32B",
        .about = "Reasoning inside <think> tags in the text.",
        .id_prefix = "chatcmpl_",
        .flags = EMU_THINK_TAGS | EMU_ROLE_FIRST | EMU_USAGE_LAST | EMU_SLEEPS,
        .max_tokens = 8'192},
    {.name = "databricks-docs-assistant",
        .upstream = "demo.agents.docs_assistant",
        .display = "Docs assistant (demo)",
        .about = "An agent that tells its sources when asked for its trace.",
        .id_prefix = "chatcmpl_",
        .task = EMU_TASK_AGENT_CHAT,
        .flags = EMU_ROLE_FIRST | EMU_USAGE_LAST | EMU_TRACE,
        .max_tokens = 8'192},
    {.name = "databricks-weather-agent",
        .upstream = "demo.agents.weather",
        .display = "Weather agent (demo)",
        .about = "A ChatAgent: messages by id, whole tool calls and results.",
        .id_prefix = "chatcmpl-",
        .task = EMU_TASK_CHAT_AGENT,
        .flags = EMU_TRACE,
        .max_tokens = 8'192},
    {.name = "databricks-supervisor-agent",
        .upstream = "demo.agents.supervisor",
        .display = "Supervisor agent (demo)",
        .about = "Responses: every kind of event, two turns in one stream.",
        .id_prefix = "resp_",
        .task = EMU_TASK_RESPONSES,
        .flags = EMU_TRACE | EMU_REASONING | EMU_ALL_EVENTS,
        .max_tokens = 8'192},
    {.name = "databricks-knowledge-assistant",
        .upstream = "demo.agents.knowledge_assistant",
        .display = "Knowledge assistant (demo)",
        .about = "Responses: <think> and footnotes, text only as whole items.",
        .id_prefix = "resp_",
        .task = EMU_TASK_RESPONSES,
        .flags = EMU_TRACE | EMU_THINK_TAGS | EMU_ITEM_ONLY | EMU_FOOTNOTES,
        .max_tokens = 8'192,
        .tile = "KNOWLEDGE_ASSISTANT"},
    {.name = "databricks-research-agent",
        .upstream = "demo.agents.research",
        .display = "Research agent (demo)",
        .about = "Responses: few events, a last text richer than the deltas.",
        .id_prefix = "resp_",
        .task = EMU_TASK_RESPONSES,
        .flags = EMU_TRACE | EMU_FOOTNOTES,
        .max_tokens = 8'192},
    {.name = "databricks-approval-agent",
        .upstream = "demo.agents.approval",
        .display = "Approval agent (demo)",
        .about = "Responses: asks for leave before it uses a tool.",
        .id_prefix = "resp_",
        .task = EMU_TASK_RESPONSES,
        .flags = EMU_TRACE | EMU_APPROVAL,
        .max_tokens = 8'192},
    {.name = "databricks-gte-large-en",
        .upstream = "gte-large-en-v1.5",
        .display = "GTE Large (En)",
        .about = "An embeddings endpoint: no chat.",
        .id_prefix = "",
        .task = EMU_TASK_EMBEDDINGS},
};

/* What stands behind the names that ask for a fault: plain and strict. */
static const struct emu_model by_name = {
    .upstream = "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    .display = "Demo endpoint with a fault",
    .about = "See docs/emulator.md.",
    .id_prefix = "msg_bdrk_",
    .flags = EMU_CLAUDE | EMU_USAGE_EACH,
    .max_tokens = 64'000,
};

/* The same for the agents' protocols. */
static const struct emu_model agent_by_name = {
    .upstream = "demo.agents.faulty",
    .display = "Demo agent with a fault",
    .about = "See docs/emulator.md.",
    .id_prefix = "chatcmpl-",
    .task = EMU_TASK_CHAT_AGENT,
    .flags = EMU_TRACE,
    .max_tokens = 8'192,
};

static const struct emu_model responses_by_name = {
    .upstream = "demo.agents.faulty_responses",
    .display = "Demo agent with a fault",
    .about = "See docs/emulator.md.",
    .id_prefix = "resp_",
    .task = EMU_TASK_RESPONSES,
    .flags = EMU_TRACE | EMU_REASONING | EMU_ALL_EVENTS,
    .max_tokens = 8'192,
};

static const struct {
    const char *prefix;
    const struct emu_model *model;
} prefixes[] = {
    {"emu-agent-", &agent_by_name},
    {"emu-responses-", &responses_by_name},
    {"emu-", &by_name},
};

const struct emu_model *emu_catalog_at(size_t i)
{
    return i < sizeof(models) / sizeof(*models) ? &models[i] : NULL;
}

const struct emu_model *emu_catalog_find(
    struct str name, struct emu_fault_choice *ret_fault)
{
    for (size_t i = 0; emu_catalog_at(i) != NULL; i++) {
        if (str_eq(str_from_c(models[i].name), name)) {
            *ret_fault = (struct emu_fault_choice){EMU_FAULT_NONE, 0};
            return &models[i];
        }
    }
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
        const struct emu_model *model = prefixes[i].model;
        struct str prefix = str_from_c(prefixes[i].prefix);
        if (str_starts_with(name, prefix) &&
            emu_fault_parse(str_sub(name, prefix.n, name.n),
                emu_faults_of(model->task), ret_fault))
            return model;
    }
    return NULL;
}

unsigned emu_faults_of(enum emu_task task)
{
    static const unsigned faults[] = {
        [EMU_TASK_CHAT] = EMU_ON_MODEL | EMU_ON_CHAT,
        [EMU_TASK_EMBEDDINGS] = EMU_ON_MODEL,
        [EMU_TASK_AGENT_CHAT] = EMU_ON_MODEL | EMU_ON_CHAT,
        [EMU_TASK_CHAT_AGENT] = EMU_ON_MODEL | EMU_ON_AGENT,
        [EMU_TASK_RESPONSES] = EMU_ON_MODEL | EMU_ON_AGENT | EMU_ON_RESPONSES,
    };
    return faults[task];
}

struct str emu_task_name(enum emu_task task)
{
    switch (task) {
    case EMU_TASK_CHAT:
        return STR("llm/v1/chat");
    case EMU_TASK_EMBEDDINGS:
        return STR("llm/v1/embeddings");
    case EMU_TASK_AGENT_CHAT:
        return STR("agent/v1/chat");
    case EMU_TASK_CHAT_AGENT:
        return STR("agent/v2/chat");
    case EMU_TASK_RESPONSES:
        return STR("agent/v1/responses");
    }
    return STR("");
}
