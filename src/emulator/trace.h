#ifndef EMULATOR_TRACE_H
#define EMULATOR_TRACE_H

#include "base/json_writer.h"

#include "emulator/reply.h"

/*
 * The member "databricks_output" of an agent's answer: a trace with one
 * retriever that found three documents. They are made up and say so. Pure.
 */
void emu_trace_write(const struct emu_reply *r, struct json_writer *w);

#endif
