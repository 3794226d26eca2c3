#include "assets/assets.h"

#include "tap.h"

TEST(assets_without_a_page_are_none)
{
    CHECK_INT(assets_count(), 0);
    CHECK(assets_at(0) == NULL);
    CHECK(assets_find(STR("/")) == NULL);
    CHECK(assets_find(STR("")) == NULL);
}
