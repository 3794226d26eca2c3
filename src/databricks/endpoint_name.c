#include "base/id.h"

#include "databricks/endpoint_name.h"

bool endpoint_name_valid(struct str name)
{
    return id_valid(name, ENDPOINT_NAME_SIZE - 1) && !str_eq(name, STR(".")) &&
           !str_eq(name, STR(".."));
}

bool model_name_valid(struct str name)
{
    bool word = false;
    for (size_t i = 0; i < name.n; i++) {
        struct str one = str_sub(name, i, 1);
        bool letter = id_valid(one, 1);
        word |= letter;
        if (!letter && str_find_char(STR(":/@+"), name.p[i]) == 4)
            return false;
    }
    return word && name.n < ENDPOINT_NAME_SIZE;
}

void endpoint_path(struct buf *out, struct str name)
{
    buf_append(out, STR("/serving-endpoints/"));
    buf_append(out, name);
    buf_append(out, STR("/invocations"));
}
