#ifndef API_GENIE_TURN_H
#define API_GENIE_TURN_H

#include "databricks/genie.h"

#include "api/chat_settings.h"

/*
 * A turn that Genie answers. Whether it does is decided when the reply
 * begins: by the request, else by the chat's settings, else by the words of
 * the question (genie_route.h). Where Genie fails a turn that nobody wanted
 * it for, the model is asked, and a notice says so.
 */
struct jv;
struct turn;

struct genie_turn {
    enum chat_route wish; /* of the request */
    bool wish_said;
    bool chosen; /* Genie answers, or is being asked to */
    bool wanted; /* because somebody wanted it */
    struct str reason;
    const char *why;  /* whoever answers was chosen: a word; NULL: no choice */
    struct str model; /* that answers if Genie does not */
    struct str conversation_id;
    struct databricks_genie *asked; /* under way, or NULL */
};

/* The member "route" of a checked body. */
void genie_turn_set_wish(struct turn *turn, const struct jv *body);

/* Decides, before the reply's first event is written. */
void genie_turn_choose(struct turn *turn);

/* Asks Genie, for a turn that has chosen it. */
void genie_turn_ask(struct turn *turn);

/* No more comes from Genie. */
void genie_turn_stop(struct turn *turn);

#define API_FIELD_ROUTE                                                        \
    {                                                                          \
        .name = "route", .type = API_ENUM, .words = "auto|genie|model",        \
        .help = "Who answers: auto, genie or model; default: as the chat is "  \
                "set. Without Genie the model does."                           \
    }

#endif
