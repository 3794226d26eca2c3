#include "emulator/tool.h"

struct str emu_tool_name(void)
{
    return STR("demo__weather__look_up");
}

struct str emu_tool_arguments(void)
{
    return STR("{\"city\":\"Oslo\",\"unit\":\"celsius\"}");
}

struct str emu_tool_output(const struct emu_reply *r)
{
    if (r->tool_login)
        return STR("Credential for user identity('demo.user@example.com') is "
                   "not found for the connection 'demo_weather'. Please login "
                   "first to the connection by visiting "
                   "https://example.com/demo/connections/demo_weather");
    return STR("{\"temperature\":3,\"note\":\"made up by the built-in demo\"}");
}
