#include <stdio.h>

#include "base/crypto.h"
#include "base/id.h"
#include "base/num.h"
#include "base/timestamp.h"
#include "base/utf8.h"

#include "tap.h"

TEST(str_cut_and_trim)
{
    struct str a, b;
    CHECK(str_cut(STR("k=v=w"), '=', &a, &b));
    CHECK_STR(a, STR("k"));
    CHECK_STR(b, STR("v=w"));
    CHECK(!str_cut(STR("none"), '=', &a, &b));
    CHECK_STR(a, STR("none"));
    CHECK_STR(b, STR(""));
    CHECK_STR(str_trim(STR(" \t a b\r\n")), STR("a b"));
    CHECK_STR(str_trim(STR("   ")), STR(""));
}

TEST(str_search_and_compare)
{
    CHECK_INT(str_find(STR("hello"), STR("ll")), 2);
    CHECK_INT(str_find(STR("hello"), STR("xx")), 5);
    CHECK(str_contains(STR("x"), STR("")) && !str_contains(STR(""), STR("x")));
    CHECK(str_eq_nocase(STR("Content-Type"), STR("content-TYPE")));
    CHECK(!str_eq_nocase(STR("a["), STR("a{")));
    CHECK(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("b"), STR("ab")) > 0);
    CHECK_STR(str_sub(STR("abc"), 2, 99), STR("c"));
    CHECK_STR(str_sub(STR("abc"), 9, 1), STR(""));
}

TEST(num_parses_whole_numbers_only)
{
    int64_t v = 0;
    CHECK(num_parse_i64(STR("-42"), -100, 100, &v) == RC_OK && v == -42);
    CHECK(num_parse_i64(STR("9223372036854775807"), INT64_MIN, INT64_MAX, &v) ==
              RC_OK &&
          v == INT64_MAX);
    CHECK(num_parse_i64(
              STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &v) == RC_OK &&
          v == INT64_MIN);
    CHECK(num_parse_i64(STR("9223372036854775808"), INT64_MIN, INT64_MAX, &v) ==
          RC_TOO_LARGE);
    CHECK(num_parse_i64(STR("101"), 0, 100, &v) == RC_TOO_LARGE);
    static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "0x1", "1e3"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK(num_parse_i64(str_from_c(bad[i]), 0, 9, &v) == RC_INVALID);
}

TEST(num_parses_decimals)
{
    double d = 0;
    CHECK(num_parse_double(STR("2.5e1"), &d) == RC_OK && d > 24 && d < 26);
    CHECK(num_parse_double(STR("inf"), &d) == RC_INVALID);
    CHECK(num_parse_double(STR("0x10"), &d) == RC_INVALID);
    CHECK(num_parse_double(STR("1e999"), &d) == RC_INVALID);
    CHECK(num_parse_double(STR(""), &d) == RC_INVALID);
}

TEST(timestamps_of_both_worlds)
{
    int64_t us = 0;
    CHECK(timestamp_parse(STR("2025-01-02T03:04:05.678901Z"), &us) == RC_OK);
    char text[TIMESTAMP_SIZE];
    timestamp_format(us, text);
    CHECK_STR(str_from_c(text), STR("2025-01-02T03:04:05.678901Z"));
    int64_t python = 0, zoned = 0;
    CHECK(timestamp_parse(STR("2025-01-02 03:04:05.678901"), &python) == RC_OK);
    CHECK_INT(python, us);
    CHECK(timestamp_parse(STR("2025-01-02T05:04:05.678901+02:00"), &zoned) ==
          RC_OK);
    CHECK_INT(zoned, us);
    CHECK(timestamp_parse(STR("2025-01-02"), &us) == RC_OK);
    timestamp_format(us, text);
    CHECK_STR(str_from_c(text), STR("2025-01-02T00:00:00.000000Z"));
    static const char *const bad[] = {"", "2025", "2025-13-01", "2025-01-02T",
        "2025-01-02T25:00:00", "2025-01-02T03:04:05.", "2025-01-02T03:04:05x",
        "2025-01-02T03:04:05+02"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK(timestamp_parse(str_from_c(bad[i]), &us) == RC_INVALID);
}

TEST(utf8_accepts_and_refuses)
{
    CHECK(utf8_valid(STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
    CHECK_INT(utf8_count(STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")), 4);
    static const char *const bad[] = {"\x80", "\xc0\xaf", "\xc3",
        "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xff", "\xf0\x8f\xbf\xbf"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_INT(utf8_valid_prefix(str_from_c(bad[i])), 0);
    CHECK_STR(utf8_truncate(STR("a\xe2\x82\xac"), 3), STR("a"));
    CHECK_STR(utf8_truncate(STR("abc"), 3), STR("abc"));
}

TEST(an_id_of_a_text_is_always_the_same)
{
    char a[ID_SIZE], b[ID_SIZE];
    id_of(STR("abc"), a);
    CHECK_STR(str_from_c(a), STR("ba7816bf-8f01-8fea-8141-40de5dae2223"));
    id_of(STR("abc"), b);
    CHECK_STR(str_from_c(a), str_from_c(b));
    id_of(STR("abd"), b);
    CHECK(!str_eq(str_from_c(a), str_from_c(b)));
    CHECK(id_valid(str_from_c(a), ID_SIZE));
}

TEST(ids_are_uuids_and_checked)
{
    char a[ID_SIZE], b[ID_SIZE];
    id_new(a);
    id_new(b);
    CHECK(!str_eq(str_from_c(a), str_from_c(b)));
    CHECK_INT(str_from_c(a).n, 36);
    CHECK(a[14] == '4' && id_valid(str_from_c(a), 64));
    CHECK(!id_valid(STR(""), 64) && !id_valid(STR("a b"), 64));
    CHECK(!id_valid(STR("../x"), 64) && !id_valid(STR("abc"), 2));
}

TEST(crypto_known_answers)
{
    char hex[CRYPTO_SHA256_HEX_SIZE];
    crypto_sha256_hex(STR("abc"), hex);
    CHECK_STR(str_from_c(hex), STR("ba7816bf8f01cfea414140de5dae2223"
                                   "b00361a396177a9cb410ff61f20015ad"));
    struct buf b;
    buf_init(&b, 200);
    CHECK(crypto_base64(&b, STR("id:secret?")) == RC_OK);
    CHECK_STR(buf_str(&b), STR("aWQ6c2VjcmV0Pw=="));
    struct buf back;
    buf_init(&back, 200);
    CHECK(crypto_base64_decode(&back, buf_str(&b)) == RC_OK);
    CHECK_STR(buf_str(&back), STR("id:secret?"));
    CHECK(crypto_base64_decode(&back, STR("a===")) == RC_INVALID ||
          crypto_base64_decode(&back, STR("?!?!")) == RC_INVALID);
    buf_clear(&b);
    CHECK(crypto_random_token(&b, 32) == RC_OK);
    CHECK_INT(b.n, 43);
    CHECK(id_valid(buf_str(&b), 64));
    CHECK(
        crypto_equal(STR("x"), STR("x")) && !crypto_equal(STR("x"), STR("y")));
    buf_release(&b);
    buf_release(&back);
}
