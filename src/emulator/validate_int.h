#ifndef EMULATOR_VALIDATE_INT_H
#define EMULATOR_VALIDATE_INT_H

#include "emulator/validate.h"

/* Shared by the files that read requests. */

/* What a check needs, and where it says why it refuses. */
struct emu_checker {
    const struct emu_model *model;
    struct arena *arena;
    struct emu_chat *chat;
    struct emu_refusal *refusal;
};

/* A member of a request; check says whether its value is accepted. */
struct emu_field {
    const char *name; /* NULL behind the last one */
    bool (*check)(struct emu_checker *c, const struct jv *v);
};

/* What agent/v2/chat and agent/v1/responses take; the end has no name. */
extern const struct emu_field emu_chat_agent_fields[];
extern const struct emu_field emu_responses_fields[];

/* Each of these refuses and returns false. */
bool emu_check_refuse(struct emu_checker *c, struct str message);
bool emu_check_refuse_field(struct emu_checker *c, struct str field);
bool emu_check_refuse_type(
    struct emu_checker *c, struct str field, const char *type);

/* What an answer repeats of the request. */
struct str emu_check_shown(struct str s);

/* Counts text of the conversation. */
void emu_check_add_text(struct emu_checker *c, struct str text);

/* True when the object has no other members than the named ones. */
bool emu_check_keys(struct emu_checker *c, const struct jv *object,
    const char *const known[], size_t count);

/* Text of a message: not empty, not blank. */
bool emu_check_text(struct emu_checker *c, struct str text);

/* Values of single fields. */
bool emu_check_messages(struct emu_checker *c, const struct jv *v);
bool emu_check_stream(struct emu_checker *c, const struct jv *v);
bool emu_check_max_tokens(struct emu_checker *c, const struct jv *v);
bool emu_check_temperature(struct emu_checker *c, const struct jv *v);
bool emu_check_top_p(struct emu_checker *c, const struct jv *v);
bool emu_check_string(struct emu_checker *c, const struct jv *v);
bool emu_check_options(struct emu_checker *c, const struct jv *v);

/* Accepted whatever it is. */
bool emu_check_nothing(struct emu_checker *c, const struct jv *v);

#endif
