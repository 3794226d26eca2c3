#ifndef DATABRICKS_CHAT_DOCUMENT_H
#define DATABRICKS_CHAT_DOCUMENT_H

#include <stdbool.h>

struct jv;
struct answer;

/*
 * Reads one document of the llm/v1/chat task, a chunk of a stream or a whole
 * answer, into *answer. False when it has nothing that this protocol knows.
 */
bool chat_document_read(const struct jv *document, struct answer *answer);

#endif
