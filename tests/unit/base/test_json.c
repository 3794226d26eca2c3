#include <string.h>

#include "base/json.h"
#include "base/json_merge.h"
#include "base/json_writer.h"

#include "tap.h"

static struct jv *parse(struct str text)
{
    struct jv *doc = NULL;
    struct jv_error error;
    if (jv_parse(text, &error, &doc) != RC_OK)
        tap_fail(__FILE__, __LINE__, "%s", error.text);
    return doc;
}

TEST(json_lookups_survive_wrong_types)
{
    struct jv *doc = parse(STR("{\"a\":[1,{\"b\":\"x\"}],\"n\":null}"));
    struct str s = {0};
    int64_t n = 0;
    CHECK(jv_string(jv_get(jv_at(jv_get(doc, "a"), 1), "b"), &s));
    CHECK_STR(s, STR("x"));
    CHECK(jv_int(jv_at(jv_get(doc, "a"), 0), &n) && n == 1);
    CHECK(!jv_string(jv_get(jv_get(doc, "a"), "b"), &s));
    CHECK(jv_is_null(jv_get(doc, "n")) && jv_is_null(NULL));
    CHECK_INT(jv_count(jv_get(doc, "a")), 2);
    CHECK(jv_type(NULL) == JV_NONE);
    jv_free(doc);
}

TEST(json_refuses_what_is_not_json)
{
    static const char *const bad[] = {"", "{", "{\"a\":1,}",
        "{\"a\":1 \"b\":2}", "[1,]", "nul", "\"\xff\"", "{\"a\":1,\"a\":2}",
        "1 2", "\"\\u0000\""};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct jv *doc;
        struct jv_error error;
        CHECK(jv_parse(str_from_c(bad[i]), &error, &doc) == RC_INVALID);
        CHECK(error.text[0] != '\0');
    }
}

TEST(json_depth_is_bounded)
{
    char text[400];
    struct jv *doc;
    memset(text, '[', 200);
    memset(text + 200, ']', 200);
    struct str deep = {text, 400}, ok = {text + 72, 256};
    CHECK(jv_parse(deep, NULL, &doc) == RC_INVALID);
    CHECK(jv_parse(ok, NULL, &doc) == RC_OK);
    jv_free(doc);
}

TEST(json_each_member_once)
{
    struct jv *doc = parse(STR("{\"a\":1,\"b\":2}"));
    void *pos = NULL;
    struct str key;
    const struct jv *value;
    int64_t sum = 0, n;
    while (jv_each(doc, &pos, &key, &value))
        sum += jv_int(value, &n) ? n : 100;
    CHECK_INT(sum, 3);
    jv_free(doc);
}

static void check_merge(
    struct str object, struct str patch, struct str expected)
{
    struct buf out;
    buf_init(&out, 256);
    CHECK_INT(json_merge(object, patch, &out), RC_OK);
    CHECK_STR(buf_str(&out), expected);
    buf_release(&out);
}

TEST(json_objects_are_merged_by_member)
{
    struct buf out;
    check_merge(STR(""), STR("{}"), STR("{}"));
    check_merge(STR("{\"a\":1,\"b\":\"x\"}"), STR("{\"b\":null,\"c\":[1]}"),
        STR("{\"a\":1,\"c\":[1]}"));
    check_merge(STR("{\"a\\\"\":{\"d\":1}}"), STR("{\"a\\\"\":{\"e\":2}}"),
        STR("{\"a\\\"\":{\"e\":2}}"));
    buf_init(&out, 8);
    CHECK_INT(json_merge(STR("{\"abcdef\":1}"), STR(""), &out), RC_TOO_LARGE);
    CHECK_INT(json_merge(STR("{"), STR(""), &out), RC_INVALID);
    CHECK_INT(json_merge(STR(""), STR("1"), &out), RC_INVALID);
    buf_release(&out);
}

TEST(json_writer_writes_what_json_reads)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, 4096);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "s", STR("a\"\\\n\t\x01\xc3\xa9"));
    json_member_opt(&w, "none", STR(""));
    json_key(&w, "list");
    json_begin_array(&w);
    json_put_int(&w, -7);
    json_put_double(&w, 0.25);
    json_put_double(&w, 1.0 / 0.0);
    json_put_bool(&w, true);
    json_end_array(&w);
    json_member_raw(&w, "raw", STR("{\"k\":[]}"));
    json_member_raw(&w, "no_raw", STR(""));
    json_end_object(&w);
    CHECK_STR(buf_str(&out),
        STR("{\"s\":\"a\\\"\\\\\\n\\t\\u0001\xc3\xa9\",\"none\":null,"
            "\"list\":[-7,0.25,null,true],\"raw\":{\"k\":[]},"
            "\"no_raw\":null}"));
    struct jv *doc = parse(buf_str(&out));
    CHECK_STR(jv_get_str(doc, "s"), STR("a\"\\\n\t\x01\xc3\xa9"));
    jv_free(doc);
    buf_release(&out);
}

TEST(json_writer_mends_broken_text)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, 100);
    json_writer_init(&w, &out);
    json_put_str(&w, STR("a\xe2\x82z"));
    CHECK_STR(buf_str(&out), STR("\"a\xef\xbf\xbd\xef\xbf\xbdz\""));
    buf_release(&out);
}

TEST(json_dump_round_trip)
{
    struct str text = STR("{\"a\":[1,2.5,\"\xc3\xa9\",null,false]}");
    struct jv *doc = parse(text);
    struct buf out;
    buf_init(&out, 100);
    CHECK(jv_dump(doc, &out) == RC_OK);
    CHECK_STR(buf_str(&out), text);
    buf_release(&out);
    buf_init(&out, 5);
    CHECK(jv_dump(doc, &out) == RC_TOO_LARGE);
    buf_release(&out);
    jv_free(doc);
}
