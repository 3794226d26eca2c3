#include <assert.h>
#include <stddef.h>

#include "scanner_check.h"

/* Whatever the scanner accepts must be what the tree says. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { MAX_INPUT = 8192 };

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size > MAX_INPUT)
        return 0;
    enum scanner_check verdict =
        scanner_check((struct str){(const char *)data, size});
    assert(verdict != SCANNER_DIFFERS);
    return 0;
}
