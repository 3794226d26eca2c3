#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "app/dotenv.h"
#include "app/options_int.h"

#include "tap.h"

/* Parses into a configuration that is thrown away; the problem or "". */
static enum rc parse(const struct app_option *o, struct str text,
    struct buf *formatted, struct buf *problem)
{
    struct app_config c = {0};
    c.arena_ = arena_new();
    enum rc rc = option_parse(o, text, c.arena_, option_member(&c, o), problem);
    if (rc == RC_OK && formatted != NULL)
        option_format(o, option_member(&c, o), formatted);
    app_config_release(&c);
    return rc;
}

/* What a value of an option reads back as, "!" when it is refused. */
static void check_round(
    const char *name, const char *value, const char *expected)
{
    size_t count;
    int index = option_by_env(str_from_c(name));
    CHECK(index >= 0);
    struct buf out, problem;
    buf_init(&out, 65536);
    buf_init(&problem, 4096);
    enum rc rc =
        parse(&option_table(&count)[index], str_from_c(value), &out, &problem);
    if (!str_eq(rc == RC_OK ? buf_str(&out) : STR("!"), str_from_c(expected)))
        tap_fail(__FILE__, __LINE__, "%s=%s gives %s, expected %s", name, value,
            rc == RC_OK ? buf_c_str(&out) : "!", expected);
    buf_release(&out);
    buf_release(&problem);
}

static size_t member_size(enum option_type type)
{
    static const size_t sizes[] = {
        [OPTION_STRING] = sizeof(struct str),
        [OPTION_SECRET] = sizeof(struct secret),
        [OPTION_INTEGER] = sizeof(int64_t),
        [OPTION_DURATION] = sizeof(int64_t),
        [OPTION_BYTES] = sizeof(int64_t),
        [OPTION_BOOLEAN] = sizeof(bool),
        [OPTION_ENUM] = sizeof(int),
        [OPTION_LIST] = sizeof(struct app_list),
    };
    return sizes[type];
}

TEST(table_members_do_not_overlap)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    for (size_t i = 0; i < count; i++) {
        CHECK(table[i].offset < offsetof(struct app_config, warnings));
        for (size_t k = 0; k < count; k++)
            CHECK(i == k ||
                  table[i].offset + member_size(table[i].type) <=
                      table[k].offset ||
                  table[k].offset + member_size(table[k].type) <=
                      table[i].offset);
    }
}

static void check_name(const char *name, bool upper)
{
    CHECK(strlen(name) > 1);
    for (const char *p = name; *p != '\0'; p++)
        CHECK(upper ? isupper((unsigned char)*p) ||
                          isdigit((unsigned char)*p) || *p == '_'
                    : islower((unsigned char)*p) || *p == '-');
}

TEST(table_names_are_unique_and_well_formed)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    for (size_t i = 0; i < count; i++) {
        bool named = false;
        for (int k = 0; k < OPTION_ENV_MAX && table[i].env[k]; k++) {
            check_name(table[i].env[k], true);
            CHECK_INT(option_by_env(str_from_c(table[i].env[k])), i);
            named = named || strcmp(table[i].name, table[i].env[k]) == 0;
        }
        CHECK(named);
        if (table[i].flag == NULL)
            continue;
        check_name(table[i].flag, false);
        CHECK(strncmp(table[i].flag, "no-", 3) != 0);
        CHECK_INT(option_by_flag(str_from_c(table[i].flag)), i);
    }
    CHECK_INT(option_by_env(STR("")), -1);
    CHECK_INT(option_by_flag(STR("")), -1);
}

TEST(table_rows_are_complete)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    CHECK(count > 35);
    for (size_t i = 0; i < count; i++) {
        const struct app_option *o = &table[i];
        CHECK(strlen(o->help) > 20);
        CHECK_INT(o->help[strlen(o->help) - 1], '.');
        CHECK(o->min <= o->max);
        CHECK((o->type == OPTION_ENUM) == (o->choices != NULL));
        CHECK((o->type == OPTION_LIST) == (o->separator != '\0'));
        CHECK(
            o->type == OPTION_ENUM || o->type == OPTION_BOOLEAN || o->max > 0);
        if (o->type == OPTION_SECRET)
            CHECK(o->flag == NULL && o->fallback == NULL);
        CHECK(i == 0 || o->section >= table[i - 1].section);
    }
}

TEST(table_defaults_are_allowed_and_read_back)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (table[i].fallback == NULL)
            continue;
        struct buf out, again, problem;
        buf_init(&out, 65536);
        buf_init(&again, 65536);
        buf_init(&problem, 4096);
        CHECK(parse(&table[i], str_from_c(table[i].fallback), &out, &problem) ==
              RC_OK);
        CHECK(parse(&table[i], buf_str(&out), &again, &problem) == RC_OK);
        CHECK_STR(buf_str(&again), buf_str(&out));
        buf_release(&out);
        buf_release(&again);
        buf_release(&problem);
    }
}

/* Writes n in the unit-less form of a type. */
static void put_number(const struct app_option *o, int64_t n, struct buf *out)
{
    buf_clear(out);
    buf_printf(
        out, "%lld%s", (long long)n, o->type == OPTION_DURATION ? "ms" : "");
}

TEST(table_bounds_hold_for_every_number)
{
    size_t count, tested = 0;
    const struct app_option *table = option_table(&count);
    struct buf text, problem;
    buf_init(&text, 64);
    buf_init(&problem, 4096);
    for (size_t i = 0; i < count; i++) {
        const struct app_option *o = &table[i];
        if (o->type != OPTION_INTEGER && o->type != OPTION_DURATION &&
            o->type != OPTION_BYTES)
            continue;
        tested++;
        put_number(o, o->min, &text);
        CHECK(parse(o, buf_str(&text), NULL, &problem) == RC_OK);
        put_number(o, o->max, &text);
        CHECK(parse(o, buf_str(&text), NULL, &problem) == RC_OK);
        put_number(o, o->min - 1, &text);
        CHECK(parse(o, buf_str(&text), NULL, &problem) == RC_INVALID);
        put_number(o, o->max + 1, &text);
        CHECK(parse(o, buf_str(&text), NULL, &problem) == RC_INVALID);
        CHECK(parse(o, STR("1e3"), NULL, &problem) == RC_INVALID);
        CHECK(parse(o, STR("99999999999999999999"), NULL, &problem) ==
              RC_INVALID);
        buf_clear(&problem);
    }
    CHECK(tested > 15);
    buf_release(&text);
    buf_release(&problem);
}

TEST(table_bounds_hold_for_every_text)
{
    static char long_text[128 * 1024];
    memset(long_text, 'a', sizeof(long_text));
    size_t count;
    const struct app_option *table = option_table(&count);
    struct buf problem;
    buf_init(&problem, 4096);
    for (size_t i = 0; i < count; i++) {
        const struct app_option *o = &table[i];
        if (o->type != OPTION_STRING && o->type != OPTION_SECRET)
            continue;
        size_t max = (size_t)o->max, min = (size_t)o->min;
        CHECK(max < sizeof(long_text));
        CHECK(parse(o, (struct str){long_text, max + 1}, NULL, &problem) ==
              RC_INVALID);
        if (o->check == NULL)
            CHECK(parse(o, (struct str){long_text, max}, NULL, &problem) ==
                  RC_OK);
        if (min > 0)
            CHECK(parse(o, (struct str){long_text, min - 1}, NULL, &problem) ==
                  RC_INVALID);
        CHECK(parse(o, STR("a\x01"), NULL, &problem) == RC_INVALID);
        buf_clear(&problem);
    }
    buf_release(&problem);
}

TEST(values_of_each_type)
{
    check_round("IDLE_TIMEOUT", "1500ms", "1500ms");
    check_round("IDLE_TIMEOUT", "90 S", "90s");
    check_round("IDLE_TIMEOUT", "120s", "2m");
    check_round("SIGN_IN_SESSION", "48h", "2d");
    check_round("SIGN_IN_SESSION", "1.5d", "!");
    check_round("SHUTDOWN_GRACE", "0s", "0s");
    check_round("SHUTDOWN_GRACE", "0", "!");
    check_round("SHUTDOWN_GRACE", "s", "!");
    check_round("SHUTDOWN_GRACE", "-1s", "!");
    check_round("SIGN_IN_SESSION", "9223372036854775807d", "!");
    check_round("MAX_REPLY_BYTES", "1mib", "1MiB");
    check_round("MAX_REPLY_BYTES", "1536 KiB", "1536KiB");
    check_round("MAX_REPLY_BYTES", "1MB", "1000000B");
    check_round("MAX_REPLY_BYTES", "2048", "2KiB");
    check_round("MAX_REPLY_BYTES", "2048b", "2KiB");
    check_round("MAX_REPLY_BYTES", "1TiB", "!");
    check_round("GENIE_MCP_ENABLED", "YES", "true");
    check_round("GENIE_MCP_ENABLED", "0", "false");
    check_round("GENIE_MCP_ENABLED", "2", "!");
    check_round("GENIE_MCP_ENABLED", "", "!");
    check_round("DEMO", "ON", "on");
    check_round("DEMO", "o", "!");
    check_round("LOG_LEVEL", "debug", "debug");
    check_round("PORT", " 80 ", "80");
    check_round("PORT", "0x50", "!");
    check_round("PORT", "+80", "!");
    check_round("HOST", "::", "::");
    check_round("HOST", "1.2.3", "!");
    check_round("HOST", "[::1]", "!");
    check_round("SYSTEM_PROMPT", "a\nb\tc", "a\nb\tc");
    check_round("LOCAL_USER_NAME", "a\nb", "!");
    check_round("LOCAL_USER_NAME", "J\xc3\xbcrg", "J\xc3\xbcrg");
    check_round("API_TOKEN", "0123456789abcdef", "********");
    check_round("API_TOKEN", "0123456789 abcdef", "!");
    check_round("SERVING_ENDPOINT_NAME", "a b", "!");
}

TEST(similar_names_are_near)
{
    CHECK_STR(str_from_c(option_similar_flag(STR("hots"))), STR("host"));
    CHECK_STR(
        str_from_c(option_similar_flag(STR("log_level"))), STR("log-level"));
    CHECK_STR(str_from_c(option_similar_env(STR("DATABRICK_HOST"))),
        STR("DATABRICKS_HOST"));
    CHECK(option_similar_flag(STR("zzz")) == NULL);
    CHECK(option_similar_flag(STR("")) == NULL);
}

TEST(pages_name_every_option)
{
    size_t count;
    const struct app_option *table = option_table(&count);
    struct buf help, page, example;
    buf_init(&help, 262144);
    buf_init(&page, 262144);
    buf_init(&example, 262144);
    app_options_help(&help);
    app_options_markdown(&page);
    app_options_env_example(&example);
    CHECK(buf_ok(&help) && buf_ok(&page) && buf_ok(&example));
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < OPTION_ENV_MAX && table[i].env[k]; k++) {
            struct str name = str_from_c(table[i].env[k]);
            CHECK(str_contains(buf_str(&help), name));
            CHECK(str_contains(buf_str(&page), name));
        }
        bool inside = strcmp(table[i].name, "ENV_FILE") != 0;
        CHECK(inside ==
              str_contains(buf_str(&example), str_from_c(table[i].name)));
        CHECK(table[i].flag == NULL ||
              str_contains(buf_str(&help), str_from_c(table[i].flag)));
    }
    for (struct str line, rest = buf_str(&help); rest.n > 0;) {
        str_cut(rest, '\n', &line, &rest);
        CHECK(line.n <= 80);
    }
    buf_release(&help);
    buf_release(&page);
    buf_release(&example);
}

/* .env.example with every # of a variable taken away. */
static void uncomment(struct str example, struct buf *out)
{
    for (struct str line, rest = example; rest.n > 0;) {
        str_cut(rest, '\n', &line, &rest);
        if (line.n > 1 && line.p[0] == '#' && isupper((unsigned char)line.p[1]))
            line = str_sub(line, 1, line.n);
        buf_append(out, line);
        buf_append_char(out, '\n');
    }
}

TEST(env_example_says_the_defaults)
{
    size_t count, set = 0;
    const struct app_option *table = option_table(&count);
    struct buf example, plain, problem;
    buf_init(&example, 262144);
    buf_init(&plain, 262144);
    buf_init(&problem, 4096);
    app_options_env_example(&example);
    uncomment(buf_str(&example), &plain);
    struct dotenv d;
    CHECK(dotenv_parse(buf_str(&plain), &d, &problem) == RC_OK);
    for (size_t i = 0; i < count; i++) {
        const struct dotenv_entry *e = dotenv_get(&d, table[i].name);
        if (e == NULL)
            continue;
        set++;
        CHECK_STR(e->value, str_from_c(table[i].fallback));
    }
    CHECK_INT(set, count - 1); /* without ENV_FILE */
    dotenv_release(&d);
    buf_release(&example);
    buf_release(&plain);
    buf_release(&problem);
}
