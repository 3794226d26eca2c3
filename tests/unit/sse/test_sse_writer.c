#include "sse/sse_reader.h"
#include "sse/sse_writer.h"

#include "tap.h"

TEST(an_event_is_written_field_by_field)
{
    struct buf out;
    buf_init(&out, 1024);
    sse_write_id(&out, STR("m1.7"));
    sse_write_type(&out, STR("done"));
    sse_write_data(&out, STR("{}"));
    sse_write_end(&out);
    CHECK_STR(buf_str(&out), STR("id: m1.7\nevent: done\ndata: {}\n\n"));
    buf_clear(&out);
    sse_write_retry(&out, 2500);
    sse_write_comment(&out, STR("ping"));
    CHECK_STR(buf_str(&out), STR("retry: 2500\n: ping\n\n"));
    buf_clear(&out);
    sse_begin_data(&out);
    buf_append(&out, STR("{\"a\":1}"));
    sse_end_data(&out);
    sse_write_end(&out);
    CHECK_STR(buf_str(&out), STR("data: {\"a\":1}\n\n"));
    buf_release(&out);
}

TEST(data_is_cut_into_lines)
{
    struct buf out;
    buf_init(&out, 1024);
    sse_write_data(&out, STR("a\nb\r\nc\rd\n"));
    CHECK_STR(
        buf_str(&out), STR("data: a\ndata: b\ndata: c\ndata: d\ndata: \n"));
    buf_clear(&out);
    sse_write_data(&out, STR(""));
    CHECK_STR(buf_str(&out), STR("data: \n"));
    buf_release(&out);
}

TEST(no_value_can_forge_a_field)
{
    struct buf out;
    buf_init(&out, 1024);
    sse_write_id(&out, STR("1\ndata: forged\0"));
    sse_write_type(&out, STR("e\r\r\ndata: forged"));
    sse_write_comment(&out, STR("c\n\ndata: forged"));
    CHECK_STR(buf_str(&out),
        STR("id: 1data: forged\nevent: edata: forged\n: cdata: forged\n\n"));
    buf_release(&out);
}

static void keep(void *ctx, const struct sse_event *e)
{
    struct buf *got = ctx;
    buf_append(got, e->data);
}

TEST(random_data_comes_back_as_it_was)
{
    struct buf out, got;
    buf_init(&out, 65536);
    buf_init(&got, 65536);
    tap_seed();
    for (int round = 0; round < 5000; round++) {
        char bytes[200];
        size_t n = tap_random() % sizeof(bytes);
        for (size_t i = 0; i < n; i++)
            bytes[i] = "ab :\n\xC3"[tap_random() % 6];
        buf_clear(&out);
        buf_clear(&got);
        sse_write_data(&out, (struct str){bytes, n});
        sse_write_end(&out);
        struct sse_reader r;
        sse_reader_init(&r, 65536, keep, &got);
        CHECK_INT(sse_reader_feed(&r, buf_str(&out)), RC_OK);
        sse_reader_release(&r);
        CHECK_STR(buf_str(&got), ((struct str){bytes, n}));
    }
    buf_release(&out);
    buf_release(&got);
}
