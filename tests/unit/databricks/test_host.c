#include "databricks/host.h"

#include "tap.h"

static void expect(struct str text, struct str host)
{
    struct buf out;
    buf_init(&out, 300);
    CHECK_INT(databricks_host_normalise(text, &out), RC_OK);
    CHECK_STR(buf_str(&out), host);
    buf_release(&out);
}

static void refuse(struct str text, enum rc rc)
{
    struct buf out;
    buf_init(&out, 300);
    CHECK_INT(databricks_host_normalise(text, &out), rc);
    buf_release(&out);
}

/* B22: a host with its scheme became "https://https://...". */
TEST(b22_every_way_to_write_a_workspace)
{
    struct str want = STR("https://dbc-1.cloud.databricks.com");
    expect(STR("dbc-1.cloud.databricks.com"), want);
    expect(STR("dbc-1.cloud.databricks.com/"), want);
    expect(STR("  https://dbc-1.cloud.databricks.com/ \n"), want);
    expect(STR("https://dbc-1.cloud.databricks.com:443"), want);
    expect(STR("https://dbc-1.cloud.databricks.com:443/?o=123"), want);
    expect(STR("dbc-1.cloud.databricks.com?o=123"), want);
    expect(STR("https://dbc-1.cloud.databricks.com/browse#x?y"), want);
    expect(STR("HTTPS://DBC-1.Cloud.Databricks.COM"), want);
    expect(STR("https://dbc-1.cloud.databricks.com:"), want);
    expect(STR("h:8443/x"), STR("https://h:8443"));
}

TEST(plain_http_is_for_this_machine_only)
{
    expect(STR("http://127.0.0.1:8123/"), STR("http://127.0.0.1:8123"));
    expect(STR("http://localhost:80"), STR("http://localhost"));
    expect(STR("http://[::1]:9000"), STR("http://[::1]:9000"));
    refuse(STR("http://dbc-1.cloud.databricks.com"), RC_DENIED);
    refuse(STR("http://127.evil.example"), RC_DENIED);
    refuse(STR("http://localhost.example"), RC_DENIED);
    CHECK(databricks_host_is_loopback(STR("http://127.0.0.1:8123")));
    CHECK(databricks_host_is_loopback(STR("http://[::1]:9000")));
    CHECK(!databricks_host_is_loopback(STR("https://dbc-1.example")));
}

TEST(what_is_no_host_is_refused)
{
    static const char *const bad[] = {"", "  ", "https://", "ftp://h", "://h",
        "https:///path", "user@h", "https://u:p@h", "h:0", "h:65536", "h:x",
        "-h", "h h", "[::1", "https://[x]", "h\tb", "h\"b"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        refuse(str_from_c(bad[i]), RC_INVALID);
}

static void expect_base(struct str text, struct str base)
{
    struct buf out;
    buf_init(&out, 300);
    CHECK_INT(databricks_base_normalise(text, &out), RC_OK);
    CHECK_STR(buf_str(&out), base);
    buf_release(&out);
}

TEST(base_paths_of_other_servers)
{
    expect_base(STR("http://gpu.lan:8000"), STR("http://gpu.lan:8000/v1"));
    expect_base(STR("http://GPU.lan:80/v1/"), STR("http://gpu.lan/v1"));
    expect_base(STR("localhost:11434/v1"), STR("http://localhost:11434/v1"));
    expect_base(STR("api.example.com"), STR("https://api.example.com/v1"));
    expect_base(
        STR("https://h/a/V1/chat/completions?x#y"), STR("https://h/a/V1"));
    expect_base(STR("https://h/chat/completions"), STR("https://h/v1"));
    struct buf out;
    buf_init(&out, 300);
    static const char *const bad[] = {"", "ftp://h/v1", "https://u:p@h/v1",
        "http://h/a b", "http://h/<v1>", "http://h:99999/v1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_INT(
            databricks_base_normalise(str_from_c(bad[i]), &out), RC_INVALID);
    buf_release(&out);
    CHECK(databricks_host_is_loopback(STR("http://localhost:11434/v1")));
    CHECK(!databricks_host_is_loopback(STR("http://gpu.lan:8000/v1")));
}
