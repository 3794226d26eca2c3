#include <string.h>

#include "app/dotenv.h"

#include "tap.h"

/* The value of KEY in text, "(none)" without one, or the problem. */
static void check_value(const char *text, const char *expected)
{
    struct dotenv d = {0};
    struct buf problem;
    buf_init(&problem, 256);
    enum rc rc = dotenv_parse(str_from_c(text), &d, &problem);
    const struct dotenv_entry *e = dotenv_get(&d, "KEY");
    struct str got = e == NULL ? STR("(none)") : e->value;
    CHECK_STR(rc == RC_OK ? got : buf_str(&problem), str_from_c(expected));
    dotenv_release(&d);
    buf_release(&problem);
}

TEST(dotenv_plain_values)
{
    check_value("KEY=value", "value");
    check_value("KEY=value\n", "value");
    check_value("KEY=value\r\nX=1\r\n", "value");
    check_value("  KEY = two words \t\n", "two words");
    check_value("export KEY=value", "value");
    check_value("export\tKEY=value", "value");
    check_value("KEY=", "");
    check_value("KEY=a=b=c", "a=b=c");
    check_value("KEY=a#b # comment", "a#b");
    check_value("KEY=# comment", "");
    check_value("KEY=it's", "it's");
    check_value("KEY=1\nKEY=2\n", "2");
    check_value("\xef\xbb\xbfKEY=bom", "bom");
    check_value("# KEY=no\n\n   \n", "(none)");
    check_value("", "(none)");
    check_value("export=1\nKEY=2", "2");
    check_value("KEY=$HOME", "$HOME");
}

TEST(dotenv_quoted_values)
{
    check_value("KEY=\"a # b\" # c", "a # b");
    check_value("KEY='a \\n \"b\"'", "a \\n \"b\"");
    check_value("KEY=\"a\\n\\t\\\"b\\\\\\$\\q\"", "a\n\t\"b\\$\\q");
    check_value("KEY=\"first\nsecond\"\nX=1", "first\nsecond");
    check_value("KEY=\"first\r\nsecond\"\r\n", "first\nsecond");
    check_value("KEY=''", "");
    check_value("KEY=\"  kept  \"", "  kept  ");
}

TEST(dotenv_says_which_line_is_wrong)
{
    check_value("A=1\nrubbish\n", "line 2: expected KEY=VALUE");
    check_value("A=1\n\n=x\n", "line 3: expected KEY=VALUE");
    check_value("1KEY=x", "line 1: expected KEY=VALUE");
    check_value("KEY-B=x", "line 1: expected KEY=VALUE");
    check_value("export", "line 1: expected KEY=VALUE");
    check_value("export KEY", "line 1: expected KEY=VALUE");
    check_value("A=1\nKEY=\"open\n\n", "line 2: the quote is not closed");
    check_value("A='1\n2'\nKEY='x' y", "line 3: text after the closing quote");
    check_value("KEY=\"x\\", "line 1: the quote is not closed");
    check_value("KEY=\"x\\\"", "line 1: the quote is not closed");
}

TEST(dotenv_refuses_a_nul_byte)
{
    struct dotenv d;
    struct buf problem;
    buf_init(&problem, 256);
    CHECK(dotenv_parse(STR("A=1\nB=\0\n"), &d, &problem) == RC_INVALID);
    CHECK_STR(buf_str(&problem), STR("line 2: holds a NUL byte"));
    buf_release(&problem);
}

TEST(dotenv_is_bounded)
{
    static char text[DOTENV_MAX_BYTES + 1];
    struct dotenv d;
    struct buf problem;
    buf_init(&problem, 256);
    memset(text, '#', sizeof(text));
    CHECK(dotenv_parse((struct str){text, sizeof(text) - 1}, &d, &problem) ==
          RC_OK);
    dotenv_release(&d);
    CHECK(dotenv_parse((struct str){text, sizeof(text)}, &d, &problem) ==
          RC_INVALID);
    CHECK_STR(buf_str(&problem), STR("larger than 262144 bytes"));
    buf_clear(&problem);
    for (size_t i = 0; i <= DOTENV_MAX_ENTRIES; i++)
        memcpy(text + 3 * i, "A=\n", 3);
    CHECK(dotenv_parse((struct str){text, 3 * DOTENV_MAX_ENTRIES}, &d,
              &problem) == RC_OK);
    CHECK_INT(d.count, DOTENV_MAX_ENTRIES);
    dotenv_release(&d);
    CHECK(dotenv_parse((struct str){text, 3 * DOTENV_MAX_ENTRIES + 3}, &d,
              &problem) == RC_INVALID);
    CHECK_STR(buf_str(&problem), STR("line 1001: too many variables"));
    buf_release(&problem);
}

TEST(dotenv_survives_rubbish)
{
    static const char pieces[] = "AB=\"'\\n#\n\r \texport$\xff";
    for (int round = 0; round < 20000; round++) {
        char text[48];
        size_t n = (size_t)(tap_random() % sizeof(text));
        for (size_t i = 0; i < n; i++)
            text[i] = pieces[tap_random() % (sizeof(pieces) - 1)];
        struct dotenv d = {0};
        struct buf problem;
        buf_init(&problem, 256);
        enum rc rc = dotenv_parse((struct str){text, n}, &d, &problem);
        CHECK(rc == RC_OK || rc == RC_INVALID);
        CHECK((rc == RC_OK) == (problem.n == 0));
        for (size_t i = 0; i < d.count; i++)
            CHECK(d.entries[i].key.n > 0 && d.entries[i].value.n <= n);
        dotenv_release(&d);
        buf_release(&problem);
    }
}

TEST(dotenv_read_tells_absent_from_unreadable)
{
    struct dotenv d;
    struct buf problem;
    buf_init(&problem, 256);
    CHECK(dotenv_read("/nonexistent/.env", &d, &problem) == RC_NOT_FOUND);
    CHECK_INT(problem.n, 0);
    CHECK(dotenv_read("/", &d, &problem) == RC_IO);
    CHECK(problem.n > 0);
    buf_release(&problem);
}
