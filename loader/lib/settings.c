/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings.h"

#include <base/buffer.h>
#include <base/string.h>
#include <errno.h>

#define BLANKS " \t\r"

/* The text without blanks at both ends. */
static char *trim(char *text)
{
    text += strspn(text, BLANKS);
    size_t length = strlen(text);
    while (length > 0 && strchr(BLANKS, text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

static bool section_parse(char *line, const char **out_section, struct hvk_error *err)
{
    char *end = strchr(line, ']');
    if (!end || end[1] != '\0')
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX,
                             "a section is written [NAME], alone on a line");
    *end = '\0';
    *out_section = trim(line + 1);
    return true;
}

static bool line_parse(char *line, const char **section, settings_function function, void *user,
                       struct hvk_error *err)
{
    if (!string_is_clean_utf8(line, "\t\r"))
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX, "the line is not clean UTF-8 text");
    line = trim(line);
    if (line[0] == '\0' || line[0] == '#' || line[0] == ';')
        return true;
    if (line[0] == '[')
        return section_parse(line, section, err);
    char *equals = strchr(line, '=');
    if (!equals || equals == line)
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX,
                             "'%.80s' is neither [SECTION] nor NAME = VALUE nor a # comment", line);
    *equals = '\0';
    return function(user, *section, trim(line), trim(equals + 1), err);
}

bool settings_parse(char *text, const char *path, settings_function function, void *user,
                    struct hvk_error *err)
{
    const char *section = "";
    char *rest = text;
    for (unsigned number = 1; rest; number++) {
        char *line = strsep(&rest, "\n");
        if (!line_parse(line, &section, function, user, err))
            return hvk_error_prefix(err, "%s, line %u", path, number);
    }
    return true;
}

bool settings_read(int fd, const char *path, settings_function function, void *user,
                   struct hvk_error *err)
{
    auto_buffer text = BUFFER_INIT;
    ssize_t length;
    do {
        char *room = buffer_reserve(&text, 4096);
        if (!room)
            return hvk_error_memory(err);
        length = read(fd, room, 4096);
        if (length < 0)
            return hvk_error_errno(err, errno, "read '%s'", path);
        text.length += (size_t)length;
        if (text.length > SETTINGS_SIZE_MAX)
            return hvk_error_set(err, HVK_ERR_CONF_SYNTAX,
                                 "'%s' is longer than the %d bytes that are read", path,
                                 SETTINGS_SIZE_MAX);
    } while (length > 0);
    auto_free char *bytes = NULL;
    buffer_add_char(&text, '\0');
    size_t total = text.length - 1;
    if (!(bytes = buffer_take(&text)))
        return hvk_error_memory(err);
    if (strlen(bytes) != total)
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX, "'%s' holds a NUL byte", path);
    return settings_parse(bytes, path, function, user, err);
}
