#ifndef APP_DESCRIPTORS_H
#define APP_DESCRIPTORS_H

#include <stddef.h>

struct app_config;

/*
 * Every connection is a descriptor, of which the system gives so many to a
 * process. Takes all that there are; gives how many connections from clients
 * fit beside those to models, at most the MAX_CONNECTIONS that were asked for.
 * What does not fit would be cut at random; so it is refused like what is above
 * the limit, and a warning says which limit to raise.
 */
size_t descriptors_for_connections(const struct app_config *config);

#endif
