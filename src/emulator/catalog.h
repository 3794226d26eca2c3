#ifndef EMULATOR_CATALOG_H
#define EMULATOR_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#include "emulator/fault.h"

/* What is served: real-looking endpoints, and "emu-..." ones with a fault. */

enum emu_task {
    EMU_TASK_CHAT,
    EMU_TASK_EMBEDDINGS,
    EMU_TASK_AGENT_CHAT,
    EMU_TASK_CHAT_AGENT,
    EMU_TASK_RESPONSES,
};

/* How an endpoint speaks and what it refuses. */
enum emu_flag {
    EMU_CLAUDE = 1,           /* Anthropic's rules for messages and fields */
    EMU_REASONING = 1 << 1,   /* content arrays with reasoning come first */
    EMU_SIGNATURE = 1 << 2,   /* the reasoning ends with a signature */
    EMU_ARRAY_TEXT = 1 << 3,  /* text too comes as content arrays */
    EMU_ARRAY_FIRST = 1 << 4, /* the first piece of text does, once */
    EMU_THINK_TAGS = 1 << 5,  /* reasoning as <think> in the text */
    EMU_USAGE_EACH = 1 << 6,  /* cumulative usage in each chunk */
    EMU_USAGE_LAST = 1 << 7,  /* usage in a last chunk without choices */
    EMU_ROLE_FIRST = 1 << 8,  /* role only in a first chunk of its own */
    EMU_NO_TEMPERATURE = 1 << 9,
    EMU_NO_PREFILL = 1 << 10, /* the last message must not be the model's */
    EMU_ONE_TOOL_CALL = 1 << 11,
    EMU_TRACE = 1 << 12, /* takes databricks_options, may give a trace */
    /* of agent/v1/responses */
    EMU_ALL_EVENTS = 1 << 13, /* every kind of event, two turns */
    EMU_ITEM_ONLY = 1 << 14,  /* text only as a whole item */
    EMU_FOOTNOTES = 1 << 15,  /* the item says more than the deltas did */
    EMU_APPROVAL = 1 << 16,   /* asks before it uses a tool */
    /* told by listings */
    EMU_GATEWAY = 1 << 17, /* has limits and guardrails */
    EMU_SLEEPS = 1 << 18,  /* scales to zero */
};

struct emu_model {
    const char *name;     /* of the endpoint; NULL for those made by a name */
    const char *upstream; /* model id in answers */
    const char *display;
    const char *about;
    const char *id_prefix; /* of answers */
    enum emu_task task;
    unsigned flags;
    int64_t max_tokens; /* cap of the request's max_tokens */
    const char *tile;   /* its problem_type, or NULL */
};

/* The i-th endpoint that every listing shows, or NULL behind the end. */
const struct emu_model *emu_catalog_at(size_t i);

/*
 * The model behind an endpoint name, with the fault that the name asks for;
 * NULL when there is no such endpoint.
 */
const struct emu_model *emu_catalog_find(
    struct str name, struct emu_fault_choice *ret_fault);

/* EMU_ON_... of the faults that an endpoint of the task can have. */
unsigned emu_faults_of(enum emu_task task);

/* "llm/v1/chat" and so on. */
struct str emu_task_name(enum emu_task task);

#endif
