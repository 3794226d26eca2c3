#ifndef APP_OPTIONS_INT_H
#define APP_OPTIONS_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"
#include "options.h"

/* What an option holds, and the type of its member in struct app_config. */
enum option_type {
    OPTION_STRING,   /* struct str; min and max bound its bytes */
    OPTION_SECRET,   /* struct secret; the same */
    OPTION_INTEGER,  /* int64_t */
    OPTION_DURATION, /* int64_t, milliseconds */
    OPTION_BYTES,    /* int64_t */
    OPTION_BOOLEAN,  /* bool */
    OPTION_ENUM,     /* int, an index into choices */
    OPTION_LIST,     /* struct app_list; min and max bound its length */
};

enum option_section {
    SECTION_SERVER,
    SECTION_HISTORY,
    SECTION_DATABRICKS,
    SECTION_OPENAI,
    SECTION_MODELS,
    SECTION_IDENTITY,
    SECTION_LIMITS,
    SECTION_GENIE,
    SECTION_COUNT
};

enum { OPTION_ENV_MAX = 3, OPTION_ITEM_BYTES = 1024 };

/*
 * A further test of a text (of each item of a list). NULL when it passes,
 * else the form that is allowed.
 */
typedef const char *option_check_fn(struct str text);

struct app_option {
    const char *name;                /* the variable people should use */
    const char *env[OPTION_ENV_MAX]; /* all variables, strongest first */
    const char *flag;                /* without dashes; NULL: none */
    enum option_type type;
    enum option_section section;
    int64_t min;
    int64_t max;
    const char *const *choices; /* enum: names, NULL at the end */
    char separator;             /* list */
    bool lines;                 /* string: line breaks are allowed */
    bool hide_value;            /* value never in a message */
    const char *fallback;       /* default, as text; NULL: empty */
    const char *note;           /* when the default is another; or NULL */
    option_check_fn *check;
    size_t offset; /* of the member */
    const char *help;
};

/* The option table. */
const struct app_option *option_table(size_t *ret_count);

const char *option_section_title(enum option_section section);

/* Index of the option that has this flag (variable), or -1. */
int option_by_flag(struct str flag);
int option_by_env(struct str name);

/* The nearest known flag (variable) to a misspelt one, or NULL. */
const char *option_similar_flag(struct str flag);
const char *option_similar_env(struct str name);

/*
 * Parses text into member. RC_INVALID appends to problem what is wrong and
 * what is allowed, to follow the option's name and ": ".
 */
[[nodiscard]] enum rc option_parse(const struct app_option *o, struct str text,
    struct arena *arena, void *member, struct buf *problem);

/* The value in the form that option_parse reads; a secret as asterisks. */
void option_format(
    const struct app_option *o, const void *member, struct buf *out);

/* What the option takes: "a whole number from 1 to 65535". */
void option_allowed(const struct app_option *o, struct buf *out);

/* A short word for the value in a usage line: "NUMBER". */
const char *option_metavar(const struct app_option *o);

/* Where a value came from. */
enum setting_source {
    SETTING_DEFAULT,
    SETTING_PROFILE, /* via: its name */
    SETTING_DOTENV,
    SETTING_ENVIRONMENT,
    SETTING_FLAG
};

struct app_setting {
    enum setting_source source;
    const char *via; /* the flag or variable that set it */
    int line;        /* in the .env file */
};

/* The member of an option. */
void *option_member(struct app_config *c, const struct app_option *o);
const void *option_value(
    const struct app_config *c, const struct app_option *o);

/* The setting of the option whose member is the one given. */
const struct app_setting *option_setting(
    const struct app_config *c, const void *member);

/* The same, to be changed. */
struct app_setting *option_setting_of(
    const struct app_config *c, const void *member);

/* Adds a sentence to the warnings of the configuration. */
void option_warn(struct app_config *c, struct str text);

/* The options agree with each other; fills what is derived from them. */
[[nodiscard]] enum rc option_derive(struct app_config *c, struct buf *problem);

/* Which way in to the models is taken; fills mode, way_in, models_url. */
[[nodiscard]] enum rc option_derive_ways(
    struct app_config *c, struct buf *problem);

/* Whether a database's address is one of PostgreSQL. */
bool option_is_postgres(struct str text);

/* An address without the password and the parameters it may hold. */
void option_put_address(struct str url, struct buf *out);

/* Checks of single texts, see option_check_fn. */
option_check_fn option_check_address;
option_check_fn option_check_workspace;
option_check_fn option_check_space;
option_check_fn option_check_database;
option_check_fn option_check_lakebase;
option_check_fn option_check_public_url;
option_check_fn option_check_model;
option_check_fn option_check_base;

#endif
