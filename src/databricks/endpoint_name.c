#include "base/id.h"

#include "databricks/endpoint_name.h"

bool endpoint_name_valid(struct str name)
{
    return id_valid(name, ENDPOINT_NAME_SIZE - 1) && !str_eq(name, STR(".")) &&
           !str_eq(name, STR(".."));
}

void endpoint_path(struct buf *out, struct str name)
{
    buf_append(out, STR("/serving-endpoints/"));
    buf_append(out, name);
    buf_append(out, STR("/invocations"));
}
