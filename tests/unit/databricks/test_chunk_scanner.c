#include <stdio.h>
#include <string.h>

#include "scanner_check.h"
#include "tap.h"
#include "transcripts.h"

/* Whether the scanner said yes; fails the test when the two disagree. */
static bool compare(struct str data)
{
    enum scanner_check verdict = scanner_check(data);
    if (verdict == SCANNER_DIFFERS)
        tap_fail(__FILE__, __LINE__, "%.*s", STR_ARG(data));
    return verdict == SCANNER_AGREES;
}

static const char *const common[] = {
    ("{\"id\":\"msg_bdrk_01Abc\",\"object\":\"chat.completion.chunk\","
     "\"created\":1761660865,\"model\":\"us.anthropic.claude-v1:0\","
     "\"choices\":"
     "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hel\"},"
     "\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":11,"
     "\"completion_tokens\":1,\"total_tokens\":12}}"),
    ("{\"id\": \"c1\", \"object\": \"chat.completion.chunk\", \"created\": 1, "
     "\"model\": \"m\", \"system_fingerprint\": null, \"choices\": "
     "[{\"index\": "
     "0, \"delta\": {\"content\": \"a \\u00e4\\n\\\"b\\\" \xE2\x82\xAC\"}, "
     "\"logprobs\": null, \"finish_reason\": null}], \"usage\": null}"),
    "{\"choices\":[{\"delta\":{\"content\":\"x\"}}]}",
    "{\"choices\":[{\"delta\":{\"content\":null,\"role\":null}}]}",
    "{\"choices\":[{\"delta\":{}}]}",
    "{\"choices\":[{}]}",
    ("{\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7,"
     "\"total_tokens\":12,\"cache_read_input_tokens\":3,"
     "\"cache_creation_input_tokens\":0}}"),
    (" { \"choices\" : [ { \"index\" : 0 , \"delta\" : { \"content\" : "
     "\"\\u20ac\\/\\b\\f\\r\\t\\\\\" } } ] } "),
    "{}",
};

enum { COMMON_COUNT = sizeof(common) / sizeof(*common) };

TEST(common_chunks_need_no_tree)
{
    for (size_t i = 0; i < COMMON_COUNT; i++)
        CHECK(compare(str_from_c(common[i])));
}

TEST(what_is_unusual_is_left_to_the_tree)
{
    static const char *const unusual[] = {"", " ", "null", "[]", "{", "{}x",
        "{\"a\":1}", "{\"id\":1}", "{\"id\":\"a\\n\"}", "{\"id\":\"\xC3\xA4\"}",
        "{\"error\":\"x\",\"choices\":[]}", "{\"choices\":null}",
        "{\"choices\":[{}],\"choices\":[]}", "{\"choices\":[{},{}]}",
        "{\"choices\":[{\"index\":1}]}", "{\"choices\":[{\"index\":00}]}",
        "{\"choices\":[{\"index\":0.0}]}", "{\"choices\":[{\"index\":-0}]}",
        "{\"choices\":[{\"finish_reason\":\"stop\"}]}",
        "{\"choices\":[{\"delta\":{\"content\":[]}}]}",
        "{\"choices\":[{\"delta\":{\"tool_calls\":[]}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"\\ud83d\\ude00\"}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"\\u0000\"}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"\\x\"}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"\x01\"}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"\xE2\x82\"}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"x}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"x\"}}]",
        "{\"choices\":[{\"delta\":{\"content\":\"x\"},}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"x\"}}],}",
        "{\"created\":9999999999999999999}", "{\"created\":1e3}",
        "{\"usage\":{\"prompt_tokens\":1null}}",
        "{\"usage\":{\"prompt_tokens\":-1}}", "{\"usage\":{\"x\":1}}",
        "{\"usage\":{\"prompt_tokens_details\":{\"cached_tokens\":1}}}"};
    for (size_t i = 0; i < sizeof(unusual) / sizeof(*unusual); i++)
        if (compare(str_from_c(unusual[i])))
            tap_fail(__FILE__, __LINE__, "taken: %s", unusual[i]);
}

/* Every data line of every transcript, whole and cut everywhere. */
TEST(scanner_and_tree_agree_on_the_transcripts)
{
    size_t taken = 0;
    for (size_t i = 0; i < transcript_count; i++) {
        struct str rest = transcripts[i].body, line;
        while (rest.n) {
            str_cut(rest, '\n', &line, &rest);
            if (!str_starts_with(line, STR("data: ")))
                continue;
            line = str_sub(line, 6, line.n);
            for (size_t n = 0; n <= line.n; n++)
                taken += compare(str_sub(line, 0, n));
        }
    }
    CHECK(taken > 20);
}

static size_t mutate(char *bytes, size_t n, size_t max)
{
    static const char letters[] = "\"\\{}[]:,0123456789-.eEunltrfa \n\t\x01"
                                  "\x7F\x80\xBF\xC2\xE2\xED\xF0\xF4\xFF";
    uint64_t at = tap_random() % n;
    switch (tap_random() % 4) {
    case 0:
        bytes[at] = letters[tap_random() % (sizeof(letters) - 1)];
        return n;
    case 1:
        memmove(bytes + at, bytes + at + 1, n - at - 1);
        return n - 1;
    case 2:
        if (n == max)
            return n;
        memmove(bytes + at + 1, bytes + at, n - at);
        bytes[at] = letters[tap_random() % (sizeof(letters) - 1)];
        return n + 1;
    default: /* a piece of itself somewhere else: doubled keys and the like */
    {
        uint64_t from = tap_random() % n, len = tap_random() % 40;
        len = len < n - from ? len : n - from;
        if (len > max - n)
            return n;
        char piece[40];
        memcpy(piece, bytes + from, len);
        memmove(bytes + at + len, bytes + at, n - at);
        memcpy(bytes + at, piece, len);
        return n + len;
    }
    }
}

TEST(scanner_and_tree_agree_on_random_mutations)
{
    size_t taken = 0;
    tap_seed();
    for (int round = 0; round < 300000; round++) {
        char bytes[1024];
        struct str s = str_from_c(common[tap_random() % COMMON_COUNT]);
        size_t n = s.n;
        memcpy(bytes, s.p, n);
        for (uint64_t i = 1 + tap_random() % 3; i > 0 && n > 1; i--)
            n = mutate(bytes, n, sizeof(bytes));
        taken += compare((struct str){bytes, n});
    }
    printf("# %zu mutations taken by the scanner\n", taken);
    CHECK(taken > 1000);
}
