#include <string.h>

#include "mark.h"

static const char SIGNS[] = "!#$%()*+,-";

int mark_put(char out[MARK_SIZE], int64_t n)
{
    char signs[MARK_SIZE];
    int count = 0;
    do
        signs[count++] = SIGNS[n % 10];
    while ((n /= 10) > 0);
    for (int i = 0; i < count; i++)
        out[i] = signs[count - 1 - i];
    return count;
}

int mark_value(char c)
{
    const char *at = c == '\0' ? NULL : strchr(SIGNS, c);
    return at == NULL ? -1 : (int)(at - SIGNS);
}
