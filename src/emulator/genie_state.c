#include "base/str.h"

#include "emulator/genie_state.h"

enum { MOST_STATES = 8 };

#define BEGINNING "SUBMITTED", "FETCHING_METADATA"
#define THINKING BEGINNING, "FILTERING_CONTEXT", "ASKING_AI"
#define QUERYING THINKING, "PENDING_WAREHOUSE", "EXECUTING_QUERY"

/* The first row is the usual way. */
static const struct {
    enum emu_fault fault;
    bool steps;
    const char *states[MOST_STATES];
} ways[] = {
    {EMU_FAULT_NONE, false, {QUERYING, "COMPLETED"}},
    {EMU_FAULT_GENIE_STEP, true, {QUERYING, "COMPLETED"}},
    {EMU_FAULT_GENIE_NEVER_ENDS, false, {THINKING}},
    {EMU_FAULT_GENIE_UNKNOWN_STATUS, true,
        {"SUBMITTED", "CONSULTING_ORACLE", "ASKING_AI", "CHECKING_TWICE",
            "COMPLETED"}},
    {EMU_FAULT_GENIE_RETRIES_ITSELF, true,
        {"SUBMITTED", "ASKING_AI", "EXECUTING_QUERY", "FAILED", "ASKING_AI",
            "EXECUTING_QUERY", "COMPLETED"}},
    {EMU_FAULT_GENIE_CANCELLED, false, {THINKING, "CANCELLED"}},
    {EMU_FAULT_GENIE_FAILED, false, {QUERYING, "FAILED"}},
    {EMU_FAULT_GENIE_FAILED_RATE, false, {THINKING, "FAILED"}},
    {EMU_FAULT_GENIE_FAILED_FILTER, false, {THINKING, "FAILED"}},
    {EMU_FAULT_GENIE_FAILED_TIMEOUT, false, {THINKING, "FAILED"}},
    {EMU_FAULT_GENIE_FAILED_CONTEXT, false, {THINKING, "FAILED"}},
    {EMU_FAULT_GENIE_FAILED_TABLES, false, {BEGINNING, "FAILED"}},
    {EMU_FAULT_GENIE_TEXT_ONLY, false, {THINKING, "COMPLETED"}},
    {EMU_FAULT_GENIE_ASKS_BACK, false, {THINKING, "COMPLETED"}},
    {EMU_FAULT_GENIE_EXPIRED_RESULT, false, {QUERYING, "QUERY_RESULT_EXPIRED"}},
};

/* The first row is what is said of any other failure. */
static const struct {
    enum emu_fault fault;
    const char *type;
    const char *text;
} errors[] = {
    {EMU_FAULT_GENIE_FAILED, "SQL_EXECUTION_EXCEPTION",
        "[TABLE_OR_VIEW_NOT_FOUND] The table demo.sales.orderz cannot be "
        "found."},
    {EMU_FAULT_GENIE_FAILED_RATE, "RATE_LIMIT_EXCEEDED_GENERIC_EXCEPTION",
        "Too many questions at the moment. Please try again later."},
    {EMU_FAULT_GENIE_FAILED_FILTER, "CONTENT_FILTER_EXCEPTION",
        "The question was held back by the content filter."},
    {EMU_FAULT_GENIE_FAILED_TIMEOUT, "REPLY_PROCESS_TIMEOUT_EXCEPTION",
        "The reply took too long."},
    {EMU_FAULT_GENIE_FAILED_CONTEXT, "CONTEXT_EXCEEDED_EXCEPTION",
        "The conversation is too long for the model."},
    {EMU_FAULT_GENIE_FAILED_TABLES, "TABLES_MISSING_EXCEPTION",
        "The space has no tables."},
};

static size_t way_of(enum emu_fault fault)
{
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
        if (ways[i].fault == fault)
            return i;
    return 0;
}

const char *emu_genie_state(enum emu_fault fault, size_t i)
{
    const char *const *states = ways[way_of(fault)].states;
    size_t last = 0;
    while (last + 1 < MOST_STATES && states[last + 1] != NULL)
        last++;
    return states[i < last ? i : last];
}

bool emu_genie_steps(enum emu_fault fault)
{
    return ways[way_of(fault)].steps;
}

bool emu_genie_ended(const char *state)
{
    static const char *const ends[] = {
        "COMPLETED", "FAILED", "CANCELLED", "QUERY_RESULT_EXPIRED"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        if (str_eq(str_from_c(state), str_from_c(ends[i])))
            return true;
    return false;
}

void emu_genie_error(
    enum emu_fault fault, const char **ret_type, const char **ret_text)
{
    size_t found = 0;
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
        if (errors[i].fault == fault)
            found = i;
    *ret_type = errors[found].type;
    *ret_text = errors[found].text;
}
