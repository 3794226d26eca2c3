#include "emulator/words.h"

#include "emulator/sections.h"

static const struct emu_section sections[] = {
    {EMU_WISH_LIST, "{A list|Points, one by one}",
        "1. **Send.** {Type a question|Write something about $1} and press "
        "*Enter*; `Shift`+`Enter` makes a new line.\n"
        "2. **Watch.** The reply comes token by token, as a model would send "
        "it:\n"
        "   - each piece is stored before you see it,\n"
        "   - a second tab may watch the same reply.\n"
        "3. **Stop or ask again.** *Stop* keeps what is there; *Regenerate* "
        "asks for another version.\n"
        "4. **Rate.** {Thumbs up or down|A thumb, either way} stays with the "
        "message.\n\n"},
    {EMU_WISH_TABLE, "{A table|Numbers in a table}",
        "Made-up figures, only to show a table about *$1*:\n\n"
        "| {Quarter|Period} | $1 | {Change|Trend} | Note |\n"
        "|:--------|------:|:------:|------|\n"
        "| Q1 | {1,204|1,310|987} | +3 % | first measured |\n"
        "| Q2 | {1,377|1,402|1,055} | +{14|7|9} % | **best so far** |\n"
        "| Q3 | {1,290|1,350|1,001} | \xe2\x88\x92{6|4|5} % | "
        "~~estimate~~ final |\n"
        "| Q4 | {1,415|1,500|1,120} | +{10|11|12} % | `$2` included |\n\n"},
    {EMU_WISH_TASKS, "{A checklist|Tasks}",
        "- [x] Start the program with one command\n"
        "- [x] Send a message about $1\n"
        "- [ ] {Stop a reply in the middle|Reload the page while this runs}\n"
        "- [ ] Connect a real workspace: set `DATABRICKS_HOST` and "
        "credentials, then start again\n\n"},
    {EMU_WISH_QUOTE, "{A quotation|In other words}",
        "> {A demo is honest when it says that it is one.|What you see here "
        "was assembled, not thought.}\n"
        ">\n"
        "> > Quotations can be nested, and may hold **bold**, *italic* and "
        "`code`.\n"
        ">\n"
        "> \xe2\x80\x94 the built-in demo, about $1\n\n"},
    {EMU_WISH_SCRIPTS, "{Letters of the world|Many scripts}",
        "Gr\xc3\xbc\xc3\x9f"
        "e aus Z\xc3\xbcrich \xc2\xb7 "
        "\xe4\xbd\xa0\xe5\xa5\xbd\xef\xbc\x8c\xe4\xb8\x96\xe7\x95\x8c \xc2\xb7 "
        "\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf \xc2\xb7 "
        "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 \xc2\xb7 "
        "\xce\x93\xce\xb5\xce\xb9\xce\xac \xc2\xb7 "
        "\xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8\xe0\xa5\x8d\xe0\xa4\xa4\xe0\xa5"
        "\x87 \xc2\xb7 "
        "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7 \xc2\xb7 "
        "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xc2\xb7 "
        "\xec\x95\x88\xeb\x85\x95\xed\x95\x98\xec\x84\xb8\xec\x9a\x94 \xc2\xb7 "
        "\xe0\xb8\xaa\xe0\xb8\xa7\xe0\xb8\xb1\xe0\xb8\xaa\xe0\xb8\x94\xe0\xb8"
        "\xb5\n\n"
        "Emoji, simple and joined: \xf0\x9f\x9a\x80 "
        "\xf0\x9f\x8e\x89 \xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd "
        "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb "
        "\xf0\x9f\x87\xa8\xf0\x9f\x87\xad "
        "\xf0\x9f\x8f\xb3\xef\xb8\x8f\xe2\x80\x8d\xf0\x9f\x8c\x88. "
        "Some mathematics: \xe2\x88\x91 x\xc2\xb2 \xe2\x89\xa4 "
        "\xe2\x88\x9e.\n\n"},
    {EMU_WISH_LINKS, "{Where to read on|Links and a footnote}",
        "How Markdown is written: [CommonMark](https://commonmark.org/help/). "
        "What the real thing is: "
        "[Databricks model serving]"
        "(https://docs.databricks.com/machine-learning/model-serving/). "
        "A bare address works too: https://www.sqlite.org/wal.html. "
        "{This sentence has a footnote|And here is a footnote}.[^n$s]\n\n"
        "[^n$s]: A footnote of the built-in demo; it knows nothing about $1.\n"
        "\n"},
    {EMU_WISH_HEADINGS, "{How it is built|An outline}",
        "### {The server|One program}\n\n"
        "It is written in C and *keeps every reply in its database while it "
        "grows*, so that closing the tab loses nothing.\n\n"
        "### The page\n\n"
        "It shows ***one*** conversation at a time, with `Markdown`, "
        "~~nothing~~ everything sanitised.\n\n"
        "#### A small heading about $2\n\n"
        "Below it stands an ordinary paragraph, long enough to be wrapped on "
        "a narrow screen, so that line breaking can be judged as well.\n\n"
        "---\n\n"},
    {EMU_WISH_FORMULA, "{A formula|In mathematical terms}",
        "The expected cost of a risk is what each outcome costs, weighed by "
        "how likely it is:\n\n"
        "\x01$$\n"
        "\\mathbb{E}[C] = \\sum_{i=1}^{n} p_i \\, c_i, \\qquad "
        "\\sum_{i=1}^{n} p_i = 1\n"
        "$$\x02\n\n"
        "{With|For} two outcomes that is "
        "\x01$p\\,c_1 + (1 - p)\\,c_2$\x02.\n\n"},
    {EMU_WISH_DIAGRAM, "{A diagram|How it hangs together}",
        "\x01```mermaid\n"
        "flowchart LR\n"
        "    You -->|a message| Server\n"
        "    Server -->|asks| Model\n"
        "    Model -->|tokens| Log[(Log)]\n"
        "    Log -->|what is stored| You\n"
        "```\x02\n\n"},
    {EMU_WISH_PYTHON, "{Some Python|The same in Python}",
        "A short function, as an example of highlighting:\n\n"
        "\x01```python\n"
        "from collections import Counter\n"
        "\n"
        "\n"
        "def top_words(text: str, n: int = 3) -> list[tuple[str, int]]:\n"
        "    \"\"\"The n most frequent words of a text.\"\"\"\n"
        "    words = (w.strip(\".,;:!?\").lower() for w in text.split())\n"
        "    return Counter(w for w in words if w).most_common(n)\n"
        "\n"
        "\n"
        "print(top_words(\"to be or not to be\"))  # [('to', 2), ('be', 2), "
        "('or', 1)]\n"
        "```\x02\n\n"},
    {EMU_WISH_SQL, "{A query|Some SQL}",
        "The history behind this chat could be counted like this:\n\n"
        "\x01```sql\n"
        "SELECT role, count(*) AS messages, max(created_at) AS latest\n"
        "FROM messages\n"
        "WHERE content LIKE '%'\x02 || '$1' || \x01'%'\n"
        "GROUP BY role\n"
        "ORDER BY messages DESC; -- the busier one first\n"
        "```\x02\n\n"},
    {EMU_WISH_C, "{A little C|From the engine room}",
        "\x01```c\n"
        "#include <stdio.h>\n"
        "\n"
        "/* Number of characters in UTF-8 text. */\n"
        "static size_t count(const char *s)\n"
        "{\n"
        "    size_t n = 0;\n"
        "    for (; *s != '\\0'; s++)\n"
        "        n += (*s & 0xc0) != 0x80;\n"
        "    return n;\n"
        "}\n"
        "\n"
        "int main(void)\n"
        "{\n"
        "    printf(\"%zu characters\\n\", count(\"Gr\xc3\xbc\xc3\x9f"
        "e\")); /* 5 */\n"
        "    return 0;\n"
        "}\n"
        "```\x02\n\n"},
    {EMU_WISH_TYPESCRIPT, "{In the browser|Some TypeScript}",
        "\x01```typescript\n"
        "interface Piece { message_id: string; content: string }\n"
        "\n"
        "export async function* pieces(body: ReadableStream<Uint8Array>) {\n"
        "  const text = body.pipeThrough(new TextDecoderStream());\n"
        "  let rest = \"\";\n"
        "  for await (const chunk of text) {\n"
        "    const events = (rest + chunk).split(\"\\n\\n\");\n"
        "    rest = events.pop() ?? \"\";\n"
        "    for (const event of events)\n"
        "      yield JSON.parse(event.replace(/^data: /, \"\")) as Piece;\n"
        "  }\n"
        "}\n"
        "```\x02\n\n"},
    {EMU_WISH_SHELL, "{From a terminal|On the command line}",
        "\x01```bash\n"
        "# ask for the models that the workspace serves\n"
        "curl -sS -H \"Authorization: Bearer $DATABRICKS_TOKEN\" \\\n"
        "  \"$DATABRICKS_HOST/api/2.0/serving-endpoints\" | jq "
        "-r '.endpoints[].name'\n"
        "```\x02\n\n"
        "And the answer, shortened:\n\n"
        "\x01```json\n"
        "{\"endpoints\": [{\"name\": \"databricks-claude-sonnet-4-5\", "
        "\"task\": \"llm/v1/chat\"}]}\n"
        "```\x02\n\n"},
};

const struct emu_section *emu_section_at(size_t i)
{
    return i < sizeof(sections) / sizeof(*sections) ? &sections[i] : NULL;
}
