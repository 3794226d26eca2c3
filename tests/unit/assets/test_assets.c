#include <stdint.h>
#include <string.h>

#include "assets/assets.h"
#include "base/crypto.h"

#include "tap.h"

static const struct asset *find(const char *path)
{
    const struct asset *asset = assets_find(str_from_c(path));
    if (asset == NULL)
        tap_fail(__FILE__, __LINE__, "%s is not embedded", path);
    return asset;
}

static struct str plain(const char *path)
{
    return asset_data(find(path), ASSET_IDENTITY);
}

/* What is chosen for a header: "br", "gzip", "" or "none". */
static const char *chosen(const char *path, const char *header)
{
    enum asset_encoding encoding = ASSET_ENCODINGS;
    bool ok = asset_choose(find(path), str_from_c(header), &encoding);
    CHECK(ok || encoding == ASSET_IDENTITY);
    return ok ? asset_encoding_name(encoding) : "none";
}

#define CHECK_CHOSEN(header, expected)                                         \
    CHECK_STR(str_from_c(chosen("/index.html", header)), STR(expected))

TEST(assets_holds_what_a_browser_may_ask_for)
{
    CHECK_INT(assets_count(), 7);
    CHECK(assets_find(STR("/.vite/manifest.json")) == NULL);
    CHECK(assets_find(STR("/assets/app-D3adBeef.js.map")) == NULL);
    for (size_t i = 1; i < assets_count(); i++)
        CHECK(strcmp(assets_at(i - 1)->path, assets_at(i)->path) < 0);
    for (size_t i = 0; i < assets_count(); i++)
        CHECK(find(assets_at(i)->path) == assets_at(i));
    CHECK(assets_at(assets_count()) == NULL);
}

TEST(assets_finds_by_whole_path)
{
    CHECK(find("/") == find("/index.html"));
    CHECK(find("/help/index.html") != find("/index.html"));
    CHECK(assets_find(STR("/help/")) == NULL);
    CHECK(assets_find(STR("/help")) == NULL);
    CHECK(assets_find(STR("index.html")) == NULL);
    CHECK(assets_find(STR("/index.htm")) == NULL);
    CHECK(assets_find(STR("/index.html2")) == NULL);
    CHECK(assets_find(STR("/../index.html")) == NULL);
    CHECK(assets_find(STR("")) == NULL);
}

TEST(assets_hold_the_bytes_of_the_file)
{
    struct str font = plain("/assets/face-0123abcd.woff2");
    CHECK_INT(font.n, 1024);
    for (size_t i = 0; i < font.n; i++)
        CHECK_INT((unsigned char)font.p[i], i % 256);
    CHECK_STR(plain("/short.txt"), STR("hi\n"));
    CHECK_INT(plain("/empty.txt").n, 0);
    CHECK(str_starts_with(
        plain("/"), STR("<!doctype html>\n<title>Fixture</title>")));
}

TEST(assets_are_unpacked_once)
{
    struct str script = plain("/assets/app-D3adBeef.js");
    CHECK_INT(script.n, 1200);
    for (size_t i = 0; i < script.n; i += 24)
        CHECK_STR(str_sub(script, i, 24), STR("console.log(\"fixture\");\n"));
    CHECK(plain("/assets/app-D3adBeef.js").p == script.p);
}

TEST(assets_are_gzip_only_where_a_first_view_needs_them)
{
    CHECK_STR(str_from_c(chosen("/assets/plain.css", "gzip")), STR("gzip"));
    CHECK_STR(str_from_c(chosen("/assets/app-D3adBeef.js", "gzip")), STR(""));
    CHECK_STR(
        str_from_c(chosen("/assets/app-D3adBeef.js", "gzip, br")), STR("br"));
}

TEST(assets_keep_an_encoding_only_when_smaller)
{
    const struct asset *page = find("/");
    size_t raw = page->bodies[ASSET_IDENTITY].data.n;
    CHECK(page->bodies[ASSET_GZIP].data.n < raw);
    CHECK(page->bodies[ASSET_BROTLI].data.n < raw);
    CHECK(memcmp(page->bodies[ASSET_GZIP].data.p, "\x1f\x8b", 2) == 0);
    static const char *const bare[] = {
        "/short.txt", "/empty.txt", "/assets/face-0123abcd.woff2"};
    for (size_t i = 0; i < sizeof(bare) / sizeof(*bare); i++) {
        CHECK(find(bare[i])->bodies[ASSET_IDENTITY].etag.n > 0);
        CHECK_INT(find(bare[i])->bodies[ASSET_GZIP].etag.n, 0);
        CHECK_INT(find(bare[i])->bodies[ASSET_BROTLI].etag.n, 0);
    }
}

TEST(assets_tag_is_strong_and_made_of_the_content)
{
    const struct asset_body *bodies = find("/")->bodies;
    char hex[CRYPTO_SHA256_HEX_SIZE];
    crypto_sha256_hex(plain("/"), hex);
    CHECK_INT(bodies[ASSET_IDENTITY].etag.n, 34);
    CHECK_INT(bodies[ASSET_IDENTITY].etag.p[0], '"');
    CHECK_INT(bodies[ASSET_IDENTITY].etag.p[33], '"');
    CHECK(str_starts_with(
        str_from_c(hex), str_sub(bodies[ASSET_IDENTITY].etag, 1, 32)));
    CHECK(!str_eq(bodies[0].etag, bodies[1].etag));
    CHECK(!str_eq(bodies[0].etag, bodies[2].etag));
    CHECK(!str_eq(bodies[1].etag, bodies[2].etag));
}

TEST(assets_know_type_and_lifetime)
{
    CHECK_STR(
        str_from_c(find("/")->content_type), STR("text/html; charset=utf-8"));
    CHECK_STR(str_from_c(find("/assets/app-D3adBeef.js")->content_type),
        STR("text/javascript; charset=utf-8"));
    CHECK_STR(str_from_c(find("/assets/face-0123abcd.woff2")->content_type),
        STR("font/woff2"));
    CHECK(!find("/")->immutable);
    CHECK(!find("/assets/plain.css")->immutable);
    CHECK(find("/assets/app-D3adBeef.js")->immutable);
    CHECK_STR(str_from_c(asset_cache_control(find("/"))), STR("no-cache"));
    CHECK(str_contains(
        str_from_c(asset_cache_control(find("/assets/app-D3adBeef.js"))),
        STR("immutable")));
}

TEST(asset_choose_follows_weights)
{
    CHECK_CHOSEN("", "");
    CHECK_CHOSEN("gzip, deflate, br, zstd", "br");
    CHECK_CHOSEN("gzip", "gzip");
    CHECK_CHOSEN("X-GZIP", "gzip");
    CHECK_CHOSEN("br;q=0.5, gzip;q=0.501", "gzip");
    CHECK_CHOSEN("br;q=0, gzip", "gzip");
    CHECK_CHOSEN("br ; q = 0.1 ,identity; q=0.2", "");
    CHECK_CHOSEN("identity", "");
    CHECK_CHOSEN("*", "br");
    CHECK_CHOSEN("*;q=0.3, br;q=0", "gzip");
    CHECK_CHOSEN("gzip;q=0.5", "gzip");
    CHECK_CHOSEN("deflate", "");
    CHECK_CHOSEN("br;q=0, gzip;q=0", "");
}

TEST(asset_choose_refuses_when_nothing_is_left)
{
    CHECK_CHOSEN("identity;q=0", "none");
    CHECK_CHOSEN("*;q=0", "none");
    CHECK_CHOSEN("identity;q=0.000, *;q=0", "none");
    CHECK_CHOSEN("identity;q=0, gzip", "gzip");
    CHECK_CHOSEN("*;q=0, identity", "");
    CHECK_STR(
        str_from_c(chosen("/short.txt", "br, identity;q=0")), STR("none"));
    CHECK_STR(str_from_c(chosen("/short.txt", "br, gzip")), STR(""));
}

TEST(asset_choose_ignores_what_is_malformed)
{
    CHECK_CHOSEN("br;q=2, gzip", "gzip");
    CHECK_CHOSEN("br;q=1.001, gzip", "gzip");
    CHECK_CHOSEN("br;q=-1", "");
    CHECK_CHOSEN("br;q=", "");
    CHECK_CHOSEN("br;level=1", "");
    CHECK_CHOSEN("br;q=0.1234", "");
    CHECK_CHOSEN(",,;;=,", "");
    CHECK_CHOSEN(";q=1", "");
}

TEST(asset_choose_survives_random_headers)
{
    static const char pieces[] = "gzipbr*identity;q=01., \t";
    for (int round = 0; round < 20000; round++) {
        char header[40];
        size_t n = (size_t)(tap_random() % sizeof(header));
        for (size_t i = 0; i < n; i++)
            header[i] = pieces[tap_random() % (sizeof(pieces) - 1)];
        enum asset_encoding encoding = ASSET_ENCODINGS;
        bool ok = asset_choose(find("/"), (struct str){header, n}, &encoding);
        CHECK(encoding < ASSET_ENCODINGS);
        CHECK(ok || encoding == ASSET_IDENTITY);
        asset_etag_matches((struct str){header, n}, STR("\"x\""));
    }
}

static bool matches(const char *header)
{
    return asset_etag_matches(str_from_c(header), STR("\"abc-br\""));
}

TEST(asset_etag_matches_lists_weak_and_any)
{
    CHECK(matches("\"abc-br\""));
    CHECK(matches("W/\"abc-br\""));
    CHECK(matches("*"));
    CHECK(matches(" * "));
    CHECK(matches("\"x\", \"abc-br\""));
    CHECK(matches("\"a,b\" ,W/\"c\",, \"abc-br\" , \"d\""));
    CHECK(asset_etag_matches(STR("\"abc\""), STR("W/\"abc\"")));
}

TEST(asset_etag_matches_nothing_else)
{
    CHECK(!matches(""));
    CHECK(!matches("abc-br"));
    CHECK(!matches("\"abc\""));
    CHECK(!matches("\"abc-gzip\""));
    CHECK(!matches("\"abc-br"));
    CHECK(!matches("\"x"));
    CHECK(!matches("\""));
    CHECK(!matches("W/"));
    CHECK(!matches("\"x\" abc-br \"abc-br\""));
    CHECK(!matches("w/\"abc-br\""));
}
