#include "transcripts.h"

#define CHUNK                                                                  \
    "data: {\"id\":\"msg_1\",\"object\":\"chat.completion.chunk\","            \
    "\"created\":1761660865,\"model\":\"us.model-v1:0\",\"choices\":[{"        \
    "\"index\":0,\"delta\":"
#define OPEN CHUNK "{\"role\":\"assistant\",\"content\":\""
#define CLOSE "\"},\"finish_reason\":null}]}\n\n"
#define STOP                                                                   \
    CHUNK "{\"role\":\"assistant\",\"content\":\"\"},"                         \
          "\"finish_reason\":\"stop\"}]}\n\n"
#define DONE "data: [DONE]\n\n"
#define REASONING(text, signature)                                             \
    CHUNK "{\"role\":\"assistant\",\"content\":[{\"type\":\"reasoning\","      \
          "\"summary\":[{\"type\":\"summary_text\",\"text\":\"" text           \
          "\",\"signature\":\"" signature                                      \
          "\"}]}]},\"finish_reason\":null}]}\n\n"

/* An event or document with these members and a retriever's output. */
#define RETRIEVED(members, outputs)                                            \
    "{" members "\"databricks_output\":{\"trace\":{\"info\":{\"trace_id\":"    \
    "\"tr-1\"},\"data\":{\"spans\":[{\"name\":\"VectorStoreRetriever\","       \
    "\"attributes\":{\"mlflow.spanOutputs\":" outputs "}}]}}}}"
#define TRACED(members, outputs) "data: " RETRIEVED(members, outputs) "\n\n"
#define CONTENT "\\\"page_content\\\":"
#define USAGE                                                                  \
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,"                    \
    "\"completion_tokens\":2}}\n\n"

const struct transcript transcripts[] = {
    {"plain stream", 200, OPEN "Hel" CLOSE OPEN "lo" CLOSE STOP DONE,
        "T(Hello)F(stop)complete"},
    {"cumulative usage, the last counts", 200,
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}],"
        "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":1}}\n\n"
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"}}],"
        "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":2}}\n\n"
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
        "\"stop\"}],\"usage\":null}\n\n" DONE,
        "T(ab)F(stop)U(11,2,-1)complete"},
    {"usage chunk without choices, with null members", 200,
        OPEN
        "x" CLOSE STOP "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,"
        "\"completion_tokens\":7,\"prompt_tokens_details\":{\"cached_tokens\":"
        "3}}}\n\ndata: "
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":null}}\n\n" DONE,
        "T(x)F(stop)U(5,7,3)complete"},
    {"cached tokens of Claude stand beside the prompt", 200,
        OPEN "x" CLOSE STOP
             "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,"
             "\"completion_tokens\":7,\"cache_read_input_tokens\":100,"
             "\"cache_creation_input_tokens\":20}}\n\n" DONE,
        "T(x)F(stop)U(125,7,100)complete"},
    {"role null, content null, empty delta", 200,
        CHUNK
        "{\"role\":null,\"content\":null},\"finish_reason\":null}]}\n\n" CHUNK
        "{}}]}\n\n" CHUNK "{\"content\":\"ok\"}}]}\n\n" STOP DONE,
        "T(ok)F(stop)complete"},
    {"array content with reasoning, then text", 200,
        REASONING("Let me ", "") REASONING("think.", "") REASONING("", "EqQBCg")
            OPEN "The answer" CLOSE STOP DONE,
        "R(Let me think.)T(The answer)F(stop)complete"},
    {"array content with text, unknown and odd items", 200,
        CHUNK
        "{\"content\":[{\"type\":\"image\",\"image_url\":\"u\"},{\"type\""
        ":\"text\",\"text\":\"a\",\"citations\":[[]]},7,null,\"b\",{\"type\":"
        "\"reasoning\",\"summary\":[{\"type\":\"summary_encrypted_text\","
        "\"data\":\"E\"}]},{\"type\":\"text\",\"text\":null}]}}]}\n\n" STOP
            DONE,
        "T(ab)F(stop)complete"},
    {"literal think tags, split", 200,
        OPEN "<th" CLOSE OPEN "ink>be" CLOSE OPEN "cause</thi" CLOSE OPEN
             "nk>\\n\\nYes" CLOSE OPEN " <think>" CLOSE STOP DONE,
        "R(because)T(Yes <think>)F(stop)complete"},
    {"reasoning_content of other servers", 200,
        CHUNK "{\"content\":null,\"reasoning_content\":\"hm\"}}]}\n\n" OPEN
              "yes" CLOSE STOP DONE,
        "R(hm)T(yes)F(stop)complete"},
    {"no end mark but a finish reason", 200, OPEN "x" CLOSE STOP,
        "T(x)F(stop)complete"},
    {"finish reason in the middle, usage after it", 200,
        STOP OPEN "late" CLOSE
                  "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,"
                  "\"completion_tokens\":2}}\n\n",
        "T(late)F(stop)U(1,2,-1)complete"},
    {"end mark but no finish reason", 200, OPEN "x" CLOSE DONE, "T(x)complete"},
    {"neither: cut", 200, OPEN "x" CLOSE, "T(x)upstream_interrupted"},
    {"cut in the middle of a line", 200, OPEN "x" CLOSE OPEN "y",
        "T(x)upstream_interrupted"},
    {"last event without its blank line", 200,
        OPEN "x" CLOSE CHUNK "{},\"finish_reason\":\"stop\"}]}",
        "T(x)F(stop)complete"},
    {"end mark without a line end", 200, OPEN "x" CLOSE "data: [DONE]",
        "T(x)complete"},
    {"nothing after the end mark counts", 200,
        OPEN "x" CLOSE STOP DONE OPEN "y" CLOSE "data: {]\n\n",
        "T(x)F(stop)complete"},
    {"CRLF, comments, no space, ids and events", 200,
        ": hello\r\n\r\nid: 1\r\nevent: chunk\r\ndata:{\"choices\":[{\"delta\":"
        "{\"content\":\"a\"}}]}\r\n\r\n:\r\nretry: 5\r\ndata: {\"choices\":[{"
        "\r\ndata: \"delta\":{\"content\":\"b\"}}]}\r\n\r\ndata:[DONE]\r\n\r\n",
        "T(ab)complete"},
    {"unknown documents are passed over", 200,
        "data: {\"trace_id\":\"tr-1\"}\n\ndata: {\"object\":\"ping\"}\n\n"
        "data: 7\n\ndata: []\n\ndata:\n\n" OPEN "x" CLOSE STOP DONE,
        "T(x)F(stop)I(tr-1)complete"},
    {"unknown members are passed over", 200,
        "data: {\"obfuscation\":\"abc\",\"databricks_output\":{\"trace\":{}},"
        "\"choices\":[{\"logprobs\":null,\"delta\":{\"content\":\"x\",\"new\":"
        "[{}]},\"finish_reason\":\"stop\"}],\"error\":null}\n\n" DONE,
        "T(x)F(stop)complete"},
    {"sources on the last chunk with choices", 200,
        OPEN "x" CLOSE TRACED("\"choices\":[{\"delta\":{\"content\":\"\"},"
                              "\"finish_reason\":\"stop\"}],",
            "\"[{" CONTENT "\\\"\xC3\xA4\\\",\\\"metadata\\\":{\\\"url\\\":"
            "\\\"dbfs:/a\\\"}}]\"") USAGE DONE,
        "T(x)F(stop)U(1,2,-1)S([{\"page_content\":\"\xC3\xA4\",\"metadata\":"
        "{\"url\":\"dbfs:/a\"}}])I(tr-1)complete"},
    {"sources beside text, a trace without them later", 200,
        TRACED("\"choices\":[{\"delta\":{\"content\":\"x\"}}],",
            "[{\"page_content\":\"a\"}]") TRACED("", "null") STOP DONE,
        "T(x)F(stop)S([{\"page_content\":\"a\",\"metadata\":{}}])I(tr-1)"
        "complete"},
    {"a trace of rubbish", 200,
        OPEN "x" CLOSE "data: {\"databricks_output\":{\"trace\":{\"info\":7,"
             "\"data\":{\"spans\":[null,{\"name\":\"VectorStoreRetriever\"},"
             "{\"attributes\":[]}]}}}}\n\n" STOP DONE,
        "T(x)F(stop)complete"},
    {"tool calls end without text", 200,
        CHUNK
        "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{"
        "\"index\":0,\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":"
        "\"f\",\"arguments\":\"\"}}]}}]}\n\n" CHUNK
        "{},\"finish_reason\":\"tool_calls\"}]}\n\n" DONE,
        "C({\"id\":\"c\",\"name\":\"f\",\"arguments\":\"\"})"
        "F(tool_calls)complete"},
    {"other words for a finish", 200,
        OPEN "x" CLOSE CHUNK "{},\"finish_reason\":\"max_tokens\"}]}\n\n" DONE,
        "T(x)F(length)complete"},
    {"only the first choice is read", 200,
        "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"no\"}},{"
        "\"index\":0,\"delta\":{\"content\":\"yes\"}}]}\n\n" STOP DONE,
        "T(yes)F(stop)complete"},
    {"escapes and characters of every length", 200,
        OPEN "\\u00e4\\ud83d\\ude00\\n\\t\\\"\\\\\\/ \xC3\xA9\xE2\x82\xAC"
             "\xF0\x9F\x98\x80" CLOSE STOP DONE,
        "T(\xC3\xA4\xF0\x9F\x98\x80\n\t\"\\/ \xC3\xA9\xE2\x82\xAC"
        "\xF0\x9F\x98\x80)F(stop)complete"},
    {"half a character inside a text", 200,
        OPEN "a\xE2\x82" CLOSE OPEN "b" CLOSE STOP DONE,
        "T(a\xEF\xBF\xBD\xEF\xBF\xBD"
        "b)F(stop)complete"},
    {"refusal beside null content", 200,
        CHUNK "{\"content\":null,\"refusal\":\"I cannot.\"}}]}\n\n" STOP DONE,
        "T(I cannot.)F(stop)complete"},

    {"error as text, then the end mark", 200,
        OPEN "x" CLOSE "data: {\"error\":\"worker died\"}\n\n" DONE,
        "T(x)upstream_error"},
    {"error as object", 200,
        OPEN "x" CLOSE "data: {\"error\":{\"code\":\"rate_limit_exceeded\","
             "\"message\":\"slow\"}}\n\n" OPEN "y" CLOSE,
        "T(x)upstream_rate_limited"},
    {"error with error_code", 200,
        "data: {\"error_code\":\"TEMPORARILY_UNAVAILABLE\",\"message\":\"m\"}"
        "\n\n",
        "upstream_unavailable"},
    {"error with a type", 200,
        OPEN "x" CLOSE "data: {\"type\":\"error\",\"code\":\"INTERNAL_ERROR\","
             "\"message\":\"m\"}\n\n",
        "T(x)upstream_error"},
    {"error as an event of that name", 200,
        OPEN "x" CLOSE "event: error\ndata: out of memory\n\n",
        "T(x)upstream_error"},
    {"error event with a document", 200,
        "event: error\ndata: {\"reason\":\"odd\"}\n\n", "upstream_error"},
    {"garbage in the middle", 200,
        OPEN "x" CLOSE "data: {\"choices\":[\n\n" OPEN "y" CLOSE,
        "T(x)upstream_bad_response"},

    {"empty body", 200, "", "empty"},
    {"white space", 200, "\n\n", "empty"},
    {"only the end mark", 200, DONE, "empty"},
    {"stop without a word", 200, STOP DONE, "empty"},
    {"plain text", 200, "Hello there\n", "empty"},
    {"HTML with status 200", 200, "<html><title>Sign in</title></html>",
        "upstream_bad_response"},

    {"document", 200,
        "{\"id\":\"m\",\"object\":\"chat.completion\",\"choices\":[{\"index\":"
        "0,"
        "\"message\":{\"role\":\"assistant\",\"content\":\"Hello!\"},"
        "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":11,"
        "\"completion_tokens\":4,\"cache_read_input_tokens\":0,"
        "\"cache_creation_input_tokens\":0}}",
        "T(Hello!)F(stop)U(11,4,0)complete"},
    {"document with sources", 200,
        RETRIEVED("\"choices\":[{\"message\":{\"content\":\"x\"},"
                  "\"finish_reason\":\"stop\"}],",
            "\"[{" CONTENT "\\\"a\\\"}]\""),
        "T(x)F(stop)S([{\"page_content\":\"a\",\"metadata\":{}}])I(tr-1)"
        "complete"},
    {"document with array content", 200,
        " {\"choices\":[{\"message\":{\"content\":[{\"type\":\"reasoning\","
        "\"summary\":[{\"type\":\"summary_text\",\"text\":\"why\"}]},{\"type\":"
        "\"text\",\"text\":\"what\"}]},\"finish_reason\":\"end_turn\"}],"
        "\"usage\":null}\n",
        "R(why)T(what)F(stop)complete"},
    {"document without finish reason", 200,
        "{\"choices\":[{\"message\":{\"content\":\"x\"}}]}", "T(x)complete"},
    {"document without a word", 200,
        "{\"choices\":[{\"message\":{\"content\":null}}]}", "empty"},
    {"document with an error", 200, "{\"error\":{\"message\":\"m\"}}",
        "upstream_error"},
    {"document of another kind", 200, "{\"predictions\":[1,2]}",
        "upstream_bad_response"},
    {"document cut", 200, "{\"choices\":[{\"message\":{\"content\":\"x",
        "upstream_bad_response"},

    {"429", 429,
        "{\"error_code\":\"REQUEST_LIMIT_EXCEEDED\",\"message\":\"slow\"}",
        "upstream_rate_limited"},
    {"429 without a body", 429, "", "upstream_rate_limited"},
    {"500 HTML", 500, "<html><pre>oops</pre></html>", "upstream_error"},
    {"503 text", 503, "No webapps are available.", "upstream_unavailable"},
    {"302", 302, "", "upstream_auth"},
    {"a stream with a failed status is a failure", 403, OPEN "x" CLOSE DONE,
        "upstream_forbidden"},
    {"an agent that uses a tool", 200,
        "data: "
        "{\"id\":\"c9\",\"delta\":{\"role\":\"assistant\",\"content\":\"I "
        "will check.\",\"id\":\"m1\"}}\n\n"
        "data: "
        "{\"id\":\"c9\",\"delta\":{\"role\":\"assistant\",\"content\":\"\","
        "\"id\":\"m1\",\"tool_calls\":[{\"id\":\"t1\",\"type\":\"function\","
        "\"func"
        "tion\":{\"name\":\"weather\",\"arguments\":\"{}\"}}]}}\n\n"
        "data: "
        "{\"id\":\"c9\",\"delta\":{\"role\":\"tool\",\"name\":\"weather\",\""
        "content\":\"3\",\"tool_call_id\":\"t1\",\"id\":\"o1\"}}\n\n"
        "data: "
        "{\"id\":\"c9\",\"delta\":{\"role\":\"assistant\",\"content\":\"It"
        " is 3\",\"id\":\"m2\"}}\n\n"
        "data: {\"id\":\"c9\",\"delta\":{\"role\":\"assistant\",\"content\":\" "
        "d"
        "egrees.\",\"id\":\"m2\"},\"finish_reason\":\"stop\"}\n\n"
        "data: [DONE]\n\n",
        "T(I will "
        "check.)C({\"id\":\"t1\",\"name\":\"weather\",\"arguments\":\"{}\"})O({"
        "\"id\":\"t1\",\"output\":\"3\"})T(\n\nIt is 3 "
        "degrees.)F(stop)complete"},
    {"an agent without an end mark", 200,
        "data: "
        "{\"delta\":{\"role\":\"assistant\",\"content\":\"All.\",\"id\":\""
        "m1\"}}\n\n",
        "T(All.)complete"},
    {"an agent that answers whole", 200,
        "{\"messages\":[{\"role\":\"assistant\",\"content\":\"One\",\"id\":"
        "\"a\"},"
        "{\"role\":\"assistant\",\"content\":\"Two\",\"id\":\"b\"}],"
        "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}",
        "T(One\n\nTwo)U(3,2,-1)complete"},
    {"responses, deltas and the same item", 200,
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"8d\","
        "\"delta\":\"It is \"}\n\n"
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"8d\","
        "\"delta\":\"12.\"}\n\n"
        "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\""
        "message\",\"id\":\"8d\",\"content\":[{\"type\":\"output_text\","
        "\"text\""
        ":\"It is 12.\",\"annotations\":[{\"type\":\"url_citation\",\"title\""
        ":\"Doc\",\"url\":\"https://x/y\"}]}]},\"databricks_output\":{\"trac"
        "e\":{\"info\":{\"trace_id\":\"tr-1\"}}}}\n\n"
        "data: [DONE]\n\n",
        "T(It is "
        "12.)S([{\"page_content\":\"\",\"metadata\":{\"url\":\"https://x/"
        "y\",\"title\":\"Doc\"}}])I(tr-1)complete"},
    {"responses, only the item", 200,
        "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\""
        "message\",\"id\":\"1\",\"content\":[{\"type\":\"output_text\","
        "\"text\":"
        "\"Hello\"}]}}\n\n"
        "data: [DONE]\n\n",
        "T(Hello)complete"},
    {"responses, ids that differ", 200,
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"a\",\""
        "delta\":\"Same\"}\n\n"
        "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\""
        "message\",\"id\":\"b\",\"content\":[{\"type\":\"output_text\","
        "\"text\":"
        "\"Same\"}]}}\n\n"
        "data: [DONE]\n\n",
        "T(Same)complete"},
    {"responses, an item that says more", 200,
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"a\",\""
        "delta\":\"Half\"}\n\n"
        "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\""
        "message\",\"id\":\"a\",\"content\":[{\"type\":\"output_text\","
        "\"text\":"
        "\"Half and half\"}]}}\n\n"
        "data: [DONE]\n\n",
        "T(Half and half)complete"},
    {"responses, an item that says it otherwise", 200,
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"a\",\""
        "delta\":\"See it.\"}\n\n"
        "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\""
        "message\",\"id\":\"a\",\"content\":[{\"type\":\"output_text\","
        "\"text\":"
        "\"See[^1] it.\"}]}}\n\n"
        "data: [DONE]\n\n",
        "T(See it.)X(See[^1] it.)complete"},
    {"responses, several turns with a tool", 200,
        "data: {\"type\":\"response.created\",\"response\":{\"output\":[]}}"
        "\n\n"
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"a\",\""
        "delta\":\"Let me see.\"}\n\n"
        "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\""
        "function_call\",\"id\":\"fc\",\"call_id\":\"t1\",\"name\":\"sum\","
        "\"argu"
        "ments\":\"{}\"}}\n\n"
        "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"c"
        "ompleted\",\"output\":[],\"usage\":{\"input_tokens\":5,\"output_to"
        "kens\":2}}}\n\n"
        "data: {\"type\":\"function_call_output\",\"call_id\":\"t1\",\"outpu"
        "t\":{\"n\":3}}\n\n"
        "data: {\"type\":\"response.created\",\"response\":{\"output\":[]}}"
        "\n\n"
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"b\",\""
        "delta\":\"Three.\"}\n\n"
        "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"c"
        "ompleted\",\"output\":[],\"usage\":{\"input_tokens\":9,\"output_to"
        "kens\":4,\"input_tokens_details\":{\"cached_tokens\":1}}}}\n\n"
        "data: [DONE]\n\n",
        "T(Let me "
        "see.)C({\"id\":\"t1\",\"name\":\"sum\",\"arguments\":\"{}\"})O({"
        "\"id\":\"t1\",\"output\":\"{\\\"n\\\":3}\"})T(\n\nThree.)F(stop)U(9,4,"
        "1)complete"},
    {"responses, thinking and an approval", 200,
        "data: {\"type\":\"response.reasoning_summary_text.delta\",\"ite"
        "m_id\":\"r\",\"delta\":\"Hm.\"}\n\n"
        "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\""
        "reasoning\",\"summary\":[{\"text\":\"Hm.\"}]}}\n\n"
        "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\""
        "mcp_approval_request\",\"id\":\"q\",\"name\":\"search\",\"arguments\""
        ":\"{}\",\"server_label\":\"s\"}}\n\n"
        "data: [DONE]\n\n",
        "R(Hm.)A({\"id\":\"q\",\"name\":\"search\",\"arguments\":\"{}\","
        "\"server_label\":\"s\"})complete"},
    {"responses, cut at the limit", 200,
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"a\",\""
        "delta\":\"Lon\"}\n\n"
        "data: {\"type\":\"response.incomplete\",\"response\":{\"status\":\""
        "incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tok"
        "ens\"},\"output\":[]}}\n\n"
        "data: [DONE]\n\n",
        "T(Lon)F(length)complete"},
    {"responses, a failure", 200,
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"a\",\""
        "delta\":\"A\"}\n\n"
        "data: {\"type\":\"response.failed\",\"response\":{\"status\":\"fail"
        "ed\",\"error\":{\"code\":\"RESOURCE_EXHAUSTED\",\"message\":\"too mu"
        "ch\"}}}\n\n"
        "data: [DONE]\n\n",
        "T(A)upstream_rate_limited"},
    {"responses, whole", 200,
        "{\"object\":\"response\",\"status\":\"completed\",\"error\":null,"
        "\"output\":["
        "{\"type\":\"message\",\"id\":\"m\",\"content\":[{\"type\":\"output_"
        "text\",\"text\":\"12\"}]}],"
        "\"metadata\":{\"trace_id\":\"tr-9\"}}",
        "T(12)F(stop)I(tr-9)complete"},
    {"a chat whose tool calls come in pieces", 200,
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\""
        "tool_calls\":[{\"index\":0,\"id\":\"t1\",\"type\":\"function\",\"funct"
        "ion\":{\"name\":\"sum\",\"arguments\":\"{\\\"a\\\"\"}}]}}]}\n\n"
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"inde"
        "x\":0,\"function\":{\"arguments\":\":1}\"}}]}}]}\n\n"
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"t"
        "ool_calls\"}]}\n\n"
        "data: [DONE]\n\n",
        "C({\"id\":\"t1\",\"name\":\"sum\",\"arguments\":\"{\\\"a\\\":1}\"})F("
        "tool_calls)complete"},
};

const size_t transcript_count = sizeof(transcripts) / sizeof(*transcripts);
