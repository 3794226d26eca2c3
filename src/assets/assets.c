#include <assert.h>
#include <stdatomic.h>

#include <brotli/decode.h>

#include "base/mem.h"

#include "assets_int.h"

enum { WEIGHT_NONE = -1, WEIGHT_MAX = 1000 };

size_t assets_count(void)
{
    return assets_embedded.count;
}

const struct asset *assets_at(size_t i)
{
    return i < assets_embedded.count ? &assets_embedded.items[i] : NULL;
}

const struct asset *assets_find(struct str path)
{
    if (str_eq(path, STR("/")))
        path = STR("/index.html");
    size_t low = 0, high = assets_embedded.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct asset *asset = &assets_embedded.items[middle];
        int order = str_cmp(path, str_from_c(asset->path));
        if (order == 0)
            return asset;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* A qvalue in thousandths: 0, 0.5, 1.000; WEIGHT_NONE if it is none. */
static int parse_weight(struct str text)
{
    if (text.n == 0 || text.n > 5 || (text.p[0] != '0' && text.p[0] != '1') ||
        (text.n > 1 && text.p[1] != '.'))
        return WEIGHT_NONE;
    int weight = (text.p[0] - '0') * WEIGHT_MAX;
    for (size_t i = 2, unit = 100; i < text.n; i++, unit /= 10) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return WEIGHT_NONE;
        weight += (text.p[i] - '0') * (int)unit;
    }
    return weight <= WEIGHT_MAX ? weight : WEIGHT_NONE;
}

/* "gzip;q=0.8" in its parts; without a weight it is 1. */
static int parse_coding(struct str item, struct str *ret_name)
{
    struct str parameter;
    if (!str_cut(item, ';', ret_name, &parameter)) {
        *ret_name = str_trim(*ret_name);
        return WEIGHT_MAX;
    }
    *ret_name = str_trim(*ret_name);
    struct str name, value;
    str_cut(parameter, '=', &name, &value);
    if (!str_eq_nocase(str_trim(name), STR("q")))
        return WEIGHT_NONE;
    return parse_weight(str_trim(value));
}

static bool names_encoding(struct str name, enum asset_encoding encoding)
{
    switch (encoding) {
    case ASSET_IDENTITY:
        return str_eq_nocase(name, STR("identity"));
    case ASSET_GZIP:
        return str_eq_nocase(name, STR("gzip")) ||
               str_eq_nocase(name, STR("x-gzip"));
    case ASSET_BROTLI:
        return str_eq_nocase(name, STR("br"));
    case ASSET_ENCODINGS:
        break;
    }
    return false;
}

/* Weight of an encoding, by its name, else by "*", else WEIGHT_NONE. */
static int weight_of(struct str header, enum asset_encoding encoding)
{
    int any = WEIGHT_NONE;
    for (struct str item, name; header.n > 0;) {
        str_cut(header, ',', &item, &header);
        int weight = parse_coding(item, &name);
        if (weight == WEIGHT_NONE)
            continue;
        if (names_encoding(name, encoding))
            return weight;
        if (str_eq(name, STR("*")))
            any = weight;
    }
    return any;
}

bool asset_choose(const struct asset *asset, struct str accept_encoding,
    enum asset_encoding *ret)
{
    int identity = weight_of(accept_encoding, ASSET_IDENTITY);
    int best = 0;
    *ret = ASSET_IDENTITY;
    for (int i = ASSET_IDENTITY; i < ASSET_ENCODINGS; i++) {
        enum asset_encoding encoding = (enum asset_encoding)i;
        int weight = weight_of(accept_encoding, encoding);
        if (weight <= 0 || weight < best || asset->bodies[i].etag.n == 0)
            continue;
        best = weight;
        *ret = encoding;
    }
    /* Not named, the identity may always be sent. */
    return best > 0 || identity != 0;
}

static char *unpack(struct str packed, size_t size)
{
    char *data = mem_alloc(size);
    size_t got = size;
    BrotliDecoderResult result = BrotliDecoderDecompress(
        packed.n, (const uint8_t *)packed.p, &got, (uint8_t *)data);
    assert(result == BROTLI_DECODER_RESULT_SUCCESS && got == size);
    return data;
}

struct str asset_data(const struct asset *asset, enum asset_encoding encoding)
{
    struct str data = asset->bodies[encoding].data;
    if (data.p != NULL)
        return data;
    _Atomic(char *) *place =
        &assets_embedded.unpacked[asset - assets_embedded.items];
    char *known = atomic_load(place);
    if (known == NULL) {
        char *made = unpack(asset->bodies[ASSET_BROTLI].data, data.n);
        if (atomic_compare_exchange_strong(place, &known, made))
            known = made;
        else
            mem_free(made);
    }
    return (struct str){known, data.n};
}

const char *asset_encoding_name(enum asset_encoding encoding)
{
    switch (encoding) {
    case ASSET_GZIP:
        return "gzip";
    case ASSET_BROTLI:
        return "br";
    case ASSET_IDENTITY:
    case ASSET_ENCODINGS:
        break;
    }
    return "";
}

const char *asset_cache_control(const struct asset *asset)
{
    return asset->immutable ? "public, max-age=31536000, immutable"
                            : "no-cache";
}

static struct str skip_to_tag(struct str s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == ','))
        s = str_sub(s, 1, s.n);
    return str_starts_with(s, STR("W/")) ? str_sub(s, 2, s.n) : s;
}

bool asset_etag_matches(struct str if_none_match, struct str etag)
{
    struct str opaque = skip_to_tag(etag);
    if (str_eq(str_trim(if_none_match), STR("*")))
        return true;
    /* A tag may hold commas, so the header is not split at them. */
    for (struct str s = skip_to_tag(if_none_match); s.n > 0;) {
        if (s.p[0] != '"')
            return false;
        size_t close = 1 + str_find_char(str_sub(s, 1, s.n), '"');
        if (close >= s.n)
            return false;
        if (str_eq(str_sub(s, 0, close + 1), opaque))
            return true;
        s = skip_to_tag(str_sub(s, close + 1, s.n));
    }
    return false;
}
