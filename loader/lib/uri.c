/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The canonical text is never longer than what was parsed: letters of scheme and host become lower
 * case, escapes of characters that need none are decoded, the others keep their length, and
 * parameters are sorted by name. So one block of known size holds everything. */
#include "uri.h"

#include "config.h"
#include "trust.h"
#include <arpa/inet.h>
#include <base/string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define UNRESERVED LOWER UPPER DIGITS "-._~" /* RFC 3986, 2.3 */
#define SUB_DELIMITERS "!$&'()*+,;="         /* 2.2 */

struct parser {
    const char *text; /* the whole */
    const char *at;   /* what comes next */
    char *out;        /* where the next decoded part goes in the block */
    struct hvk_error *err;
};

/* A parameter and where it stands, for messages. */
struct span {
    const char *start;
    size_t length;
};

static bool fail(const struct parser *parser, const char *at, const char *why)
{
    hvk_error_set(parser->err, HVK_ERR_INVALID_ARG, "the URI '%.200s' %s, at character %zu",
                  parser->text, why, (size_t)(at - parser->text) + 1);
    hvk_error_from(parser->err, HVK_FROM_URI);
    return false;
}

/* ---- parts ---------------------------------------------------------------------------------- */

/* Decodes the bytes of one part, of which `allowed` may stand there unescaped. */
static bool decode(struct parser *parser, struct span part, const char *allowed,
                   const char **out_value)
{
    char *start = parser->out, *to = start;
    for (const char *from = part.start, *end = from + part.length; from < end; from++) {
        int byte = (unsigned char)*from;
        if (byte == '%') {
            int high = end - from > 2 ? string_hex_digit(from[1]) : -1;
            int low = high >= 0 ? string_hex_digit(from[2]) : -1;
            if (low < 0)
                return fail(parser, from, "has a '%' without two hexadecimal digits");
            byte = high << 4 | low;
            if (byte < 0x20 || byte == 0x7f)
                return fail(parser, from, "escapes a control character");
            from += 2;
        } else if (!strchr(allowed, byte)) {
            return fail(parser, from,
                        byte < 0x80 ? "has a character that may not stand here"
                                    : "has a character that must be percent-encoded");
        }
        *to++ = (char)byte;
    }
    *to = '\0';
    if (!string_is_clean_utf8(start, ""))
        return fail(parser, part.start, "escapes what is not UTF-8");
    parser->out = to + 1;
    *out_value = start;
    return true;
}

static const char *copy_lower(struct parser *parser, const char *start, size_t length)
{
    char *value = parser->out;
    for (size_t i = 0; i < length; i++)
        value[i] = (char)(start[i] >= 'A' && start[i] <= 'Z' ? start[i] | 0x20 : start[i]);
    value[length] = '\0';
    parser->out += length + 1;
    return value;
}

/* DRIVER or TRANSPORT: a letter, then what `more` holds as well. */
static bool parse_word(struct parser *parser, const char *more, const char *missing,
                       const char **out_value)
{
    const char *start = parser->at;
    if (strspn(start, LOWER UPPER) == 0)
        return fail(parser, start, missing);
    size_t length = strspn(start, more);
    *out_value = copy_lower(parser, start, length);
    parser->at += length;
    return true;
}

static bool parse_scheme(struct parser *parser, struct hvk_uri *uri)
{
    uri->transport = "";
    if (!parse_word(parser, LOWER UPPER DIGITS ".-", "does not start with the name of a driver",
                    &uri->scheme))
        return false;
    if (*parser->at == '+') {
        parser->at++;
        if (!parse_word(parser, LOWER UPPER DIGITS "-", "has no transport behind '+'",
                        &uri->transport))
            return false;
    }
    if (!string_starts_with(parser->at, "://"))
        return fail(parser, parser->at,
                    "has no '://' here (write DRIVER:///PATH or DRIVER+TRANSPORT://HOST/PATH)");
    parser->at += strlen("://");
    return true;
}

/* [ADDRESS] or [ADDRESS%25ZONE] (RFC 6874); host is without the brackets. */
static bool parse_literal(struct parser *parser, struct hvk_uri *uri)
{
    const char *start = parser->at + 1;
    size_t length = strcspn(start, "]/?#@");
    if (start[length] != ']')
        return fail(parser, parser->at, "has a '[' without its ']'");
    size_t address = strcspn(start, "%");
    char text[INET6_ADDRSTRLEN];
    struct in6_addr binary;
    if (address > length)
        address = length;
    if (address >= sizeof text)
        return fail(parser, start, "has a host in [] that is no IPv6 address");
    memcpy(text, start, address);
    text[address] = '\0';
    if (inet_pton(AF_INET6, text, &binary) != 1)
        return fail(parser, start, "has a host in [] that is no IPv6 address");
    if (address < length && (!string_starts_with(start + address, "%25") || length == address + 3))
        return fail(parser, start + address, "has an IPv6 address with a zone not written %25ZONE");
    if (!decode(parser, (struct span){start, length}, UNRESERVED ":", &uri->host))
        return false;
    for (char *c = (char *)uri->host; *c != '\0' && *c != '%'; c++)
        *c = (char)(*c >= 'A' && *c <= 'F' ? *c | 0x20 : *c);
    parser->at = start + length + 1;
    return true;
}

static bool parse_name(struct parser *parser, struct hvk_uri *uri)
{
    const char *start = parser->at;
    size_t length = strspn(start, LOWER UPPER DIGITS ".-_");
    if (*start == '-')
        return fail(parser, start, "has a host that begins with '-'");
    uri->host = copy_lower(parser, start, length);
    parser->at += length;
    return true;
}

static bool parse_port(struct parser *parser, struct hvk_uri *uri)
{
    if (*parser->at != ':')
        return true;
    const char *start = ++parser->at;
    size_t length = strspn(start, DIGITS);
    for (size_t i = 0; i < length && uri->port <= UINT16_MAX; i++)
        uri->port = uri->port * 10 + (uint32_t)(start[i] - '0');
    if (uri->port < 1 || uri->port > UINT16_MAX)
        return fail(parser, start, "has a port that is not within 1 and 65535");
    parser->at += length;
    return true;
}

static bool parse_user(struct parser *parser, struct hvk_uri *uri)
{
    size_t authority = strcspn(parser->at, "/?#");
    size_t length = strcspn(parser->at, "@/?#");
    uri->user = "";
    if (length == authority)
        return true;
    const char *colon = memchr(parser->at, ':', length);
    if (colon)
        return fail(parser, colon, "holds a password, which a URI must not: hvkit asks for it");
    if (length == 0)
        return fail(parser, parser->at, "has no user in front of '@'");
    if (!decode(parser, (struct span){parser->at, length}, UNRESERVED SUB_DELIMITERS, &uri->user))
        return false;
    if (uri->user[0] == '-')
        return fail(parser, parser->at, "has a user that begins with '-'");
    parser->at += length + 1;
    return true;
}

static bool parse_authority(struct parser *parser, struct hvk_uri *uri)
{
    const char *start = parser->at;
    if (!parse_user(parser, uri) ||
        !(*parser->at == '[' ? parse_literal(parser, uri) : parse_name(parser, uri)) ||
        !parse_port(parser, uri))
        return false;
    if (uri->host[0] == '\0' && parser->at > start)
        return fail(parser, start, "names a user or a port but no host");
    if (!strchr("/?#", *parser->at))
        return fail(parser, parser->at, "has a character that may not stand in a host");
    return true;
}

static bool parse_path(struct parser *parser, struct hvk_uri *uri)
{
    size_t length = strcspn(parser->at, "?#");
    struct span part = {parser->at, length};
    parser->at += length;
    return decode(parser, part, UNRESERVED SUB_DELIMITERS ":@/", &uri->path);
}

/* ---- parameters ----------------------------------------------------------------------------- */

/* In the order of their names: of two of one name the one written first is first. */
static size_t param_place(const struct hvk_uri_param *params, size_t count, const char *name)
{
    while (count > 0 && strcmp(params[count - 1].name, name) > 0)
        count--;
    return count;
}

static bool parse_param(struct parser *parser, struct hvk_uri *uri, struct hvk_uri_param *params)
{
    const char *start = parser->at;
    size_t length = strcspn(start, "&#");
    const char *equals = memchr(start, '=', length);
    const char *allowed = UNRESERVED "!$'()*+,;:@/?";
    if (!equals || equals == start)
        return fail(parser, start, "has a parameter that is not NAME=VALUE");
    if (uri->param_count == URI_PARAMS_MAX)
        return fail(parser, start, "has more than 64 parameters");
    struct hvk_uri_param param;
    struct span name = {start, (size_t)(equals - start)};
    struct span value = {equals + 1, length - name.length - 1};
    if (!decode(parser, name, allowed, &param.name) ||
        !decode(parser, value, UNRESERVED "!$'()*+,;:@/?=", &param.value))
        return false;
    size_t place = param_place(params, uri->param_count, param.name);
    if (place > 0 && strcmp(params[place - 1].name, param.name) == 0)
        return fail(parser, start, "gives a parameter twice");
    memmove(&params[place + 1], &params[place], (uri->param_count - place) * sizeof *params);
    params[place] = param;
    uri->param_count++;
    parser->at += length;
    return true;
}

static bool parse_query(struct parser *parser, struct hvk_uri *uri, struct hvk_uri_param *params)
{
    if (*parser->at != '?')
        return true;
    do {
        parser->at++;
        if (!parse_param(parser, uri, params))
            return false;
    } while (*parser->at == '&');
    return true;
}

/* ---- the canonical text --------------------------------------------------------------------- */

static char *add(char *to, const char *text)
{
    return stpcpy(to, text);
}

/* Escapes what is not in `plain`. */
static char *add_escaped(char *to, const char *text, const char *plain)
{
    for (; *text != '\0'; text++) {
        if (strchr(plain, *text))
            *to++ = *text;
        else
            to += sprintf(to, "%%%02X", (unsigned char)*text);
    }
    return to;
}

static char *add_authority(char *to, const struct hvk_uri *uri)
{
    if (uri->user[0] != '\0')
        to = add(add_escaped(to, uri->user, UNRESERVED SUB_DELIMITERS), "@");
    if (strchr(uri->host, ':'))
        to = add(add_escaped(add(to, "["), uri->host, UNRESERVED ":"), "]");
    else
        to = add(to, uri->host);
    return uri->port ? to + sprintf(to, ":%u", uri->port) : to;
}

static void canonical_write(char *to, const struct hvk_uri *uri)
{
    to = add(to, uri->scheme);
    if (uri->transport[0] != '\0')
        to = add(add(to, "+"), uri->transport);
    to = add_authority(add(to, "://"), uri);
    to = add_escaped(to, uri->path, UNRESERVED SUB_DELIMITERS ":@/");
    for (uint64_t i = 0; i < uri->param_count; i++) {
        to = add(to, i == 0 ? "?" : "&");
        to = add(add_escaped(to, uri->params[i].name, UNRESERVED "!$'()*+,;:@/?"), "=");
        to = add_escaped(to, uri->params[i].value, UNRESERVED "!$'()*+,;:@/?=");
    }
    *to = '\0';
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool parse(struct parser *parser, struct hvk_uri *uri, struct hvk_uri_param *params)
{
    if (!parse_scheme(parser, uri) || !parse_authority(parser, uri) || !parse_path(parser, uri) ||
        !parse_query(parser, uri, params))
        return false;
    if (*parser->at == '#')
        return fail(parser, parser->at, "has a fragment ('#'), which means nothing to hvkit");
    return true;
}

struct hvk_uri *uri_parse(const char *text, struct hvk_error *err)
{
    struct parser parser = {.text = text, .at = text, .err = err};
    size_t length = strlen(text);
    if (length > URI_LENGTH_MAX) {
        hvk_error_set(err, HVK_ERR_INVALID_ARG,
                      "the URI '%.64s…' has %zu characters, at most %d are "
                      "allowed",
                      text, length, URI_LENGTH_MAX);
        hvk_error_from(err, HVK_FROM_URI);
        return NULL;
    }
    size_t params_size = URI_PARAMS_MAX * sizeof(struct hvk_uri_param);
    /* The parts, each with its NUL, are at most one byte longer than what they were read from:
     * every part but the scheme stands behind a delimiter. */
    auto_free struct hvk_uri *uri =
        calloc(1, sizeof *uri + params_size + 2 * (length + 1) + sizeof "+@:/?");
    if (!uri) {
        hvk_error_memory(err);
        return NULL;
    }
    struct hvk_uri_param *params = (struct hvk_uri_param *)(void *)(uri + 1);
    parser.out = (char *)params + params_size;
    uri->size = sizeof *uri;
    uri->params = params;
    if (!parse(&parser, uri, params))
        return NULL;
    canonical_write(parser.out, uri);
    uri->text = parser.out;
    return TAKE(uri);
}

/* ---- what the user said --------------------------------------------------------------------- */

static bool is_blank(const char *text)
{
    return !text || text[0] == '\0';
}

/* Copies text, of which the configuration may know an alias. */
static char *resolve_alias(const struct config *config, const char *text, struct hvk_error *err)
{
    const char *uri = config_alias_find(config, text);
    if (!uri) {
        hvk_error_set(
            err, HVK_ERR_INVALID_ARG,
            "'%.200s' is neither a connection URI (DRIVER:///PATH) nor an alias in [aliases] "
            "of %s/hvkit.conf",
            text, config_directory());
        hvk_error_from(err, HVK_FROM_URI);
        return NULL;
    }
    char *copy = strdup(uri);
    if (!copy)
        hvk_error_memory(err);
    return copy;
}

char *uri_resolve(const char *text, bool aliases, struct hvk_error *err)
{
    AUTO(config_free_auto) struct config *config = NULL;
    if (err)
        hvk_error_init(err);
    if (is_blank(text))
        text = secure_getenv("HVKIT_URI");
    bool is_default = is_blank(text);
    if (is_default || (aliases && !strchr(text, ':'))) {
        config = config_load(true, err);
        if (!config)
            return NULL;
    }
    if (is_default)
        text = config->uri;
    if (is_blank(text))
        return NULL;
    if (aliases && !strchr(text, ':'))
        return resolve_alias(config, text, err);
    char *copy = strdup(text);
    if (!copy)
        hvk_error_memory(err);
    return copy;
}
