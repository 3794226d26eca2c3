#include "app/profiles.h"

#include "tap.h"

static void read_text(struct str text, struct profiles *p)
{
    struct buf problem;
    buf_init(&problem, 4096);
    if (profiles_parse(text, p, &problem) != RC_OK)
        tap_fail(__FILE__, __LINE__, "%s", buf_c_str(&problem));
    buf_release(&problem);
}

TEST(profiles_as_the_tools_write_them)
{
    struct profiles p;
    read_text(STR("\xEF\xBB\xBF; a comment\r\n"
                  "[DEFAULT]\r\n"
                  "host  = https://dbc-1.cloud.databricks.com/\r\n"
                  "token = dapi0123\r\n"
                  "# another\n"
                  "[sp]\n"
                  "Host: adb-1.2.azuredatabricks.net ; where it is\n"
                  "client_id = 0000-1111 # who\n"
                  "client_secret = 'dose#1 ;2'\n"
                  "auth_type = oauth-m2m\n"
                  "cluster_id = 1\n"
                  "[ quoted ] # why not\n"
                  "  token = \"a = b\"\n"
                  "  host=h#1\n"),
        &p);
    CHECK_INT(p.count, 3);
    const struct profile *d = profiles_default(&p);
    CHECK_STR(d->name, STR("DEFAULT"));
    CHECK_STR(d->host, STR("https://dbc-1.cloud.databricks.com/"));
    CHECK_STR(d->token, STR("dapi0123"));
    const struct profile *sp = profiles_get(&p, STR("sp"));
    CHECK_STR(sp->host, STR("adb-1.2.azuredatabricks.net"));
    CHECK_STR(sp->client_id, STR("0000-1111"));
    CHECK_STR(sp->client_secret, STR("dose#1 ;2"));
    CHECK_STR(sp->auth_type, STR("oauth-m2m"));
    CHECK_STR(sp->token, STR("")); /* nothing is inherited */
    const struct profile *q = profiles_get(&p, STR("quoted"));
    CHECK_STR(q->token, STR("a = b"));
    CHECK_STR(q->host, STR("h#1"));
    CHECK(profiles_get(&p, STR("SP")) == NULL);
    struct buf names;
    buf_init(&names, 100);
    profiles_put_names(&p, &names);
    CHECK_STR(buf_str(&names), STR("DEFAULT, sp, quoted"));
    buf_release(&names);
    profiles_release(&p);
}

TEST(profiles_default_is_named_or_has_to_say_something)
{
    struct profiles p;
    read_text(STR("[__settings__]\ndefault_profile = dev\n[DEFAULT]\ntoken=t\n"
                  "[dev]\nhost=h\n[dev]\ntoken=u\n"),
        &p);
    CHECK_STR(profiles_default(&p)->name, STR("dev"));
    CHECK_STR(profiles_default(&p)->host, STR("h"));
    CHECK_STR(profiles_default(&p)->token, STR("u"));
    CHECK_INT(p.count, 2);
    profiles_release(&p);
    read_text(
        STR("[__settings__]\ndefault_profile = gone\n[DEFAULT]\nhost=h"), &p);
    CHECK(profiles_default(&p) == NULL);
    CHECK_STR(p.chosen, STR("gone"));
    profiles_release(&p);
    read_text(STR("[DEFAULT]\n\n[other]\nhost=h"), &p);
    CHECK(profiles_default(&p) == NULL);
    profiles_release(&p);
    read_text(STR(""), &p);
    CHECK(profiles_default(&p) == NULL);
    profiles_release(&p);
}

static void refuse(struct str text, struct str why)
{
    struct profiles p;
    struct buf problem;
    buf_init(&problem, 4096);
    CHECK_INT(profiles_parse(text, &p, &problem), RC_INVALID);
    CHECK_STR(buf_str(&problem), why);
    buf_release(&problem);
}

TEST(profiles_name_the_line_and_never_its_text)
{
    refuse(
        STR("[a]\nhost=h\ndapi-secret\n"), STR("line 3: expected key = value"));
    refuse(STR("token=dapi-secret"),
        STR("line 1: a value before the first section"));
    refuse(STR("[a\n"), STR("line 1: a section is its name in brackets"));
    refuse(STR("[a] b\n"), STR("line 1: a section is its name in brackets"));
    refuse(STR("\n[ ]\n"), STR("line 2: a section without a name"));
    refuse(STR("[a]\n = x\n"), STR("line 2: expected key = value"));
    struct buf many;
    buf_init(&many, PROFILES_MAX_BYTES + 4096);
    for (int i = 0; i <= PROFILES_MAX; i++)
        buf_printf(&many, "[p%d]\n", i);
    refuse(buf_str(&many), STR("line 201: too many sections"));
    while (many.n <= PROFILES_MAX_BYTES)
        buf_append_char(&many, '#');
    refuse(buf_str(&many), STR("is too large"));
    buf_release(&many);
}
