/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "help.h"
#include "cli.h"
#include <base/string.h>
#include <ctype.h>

#define HELP_WIDTH 80u
#define HELP_OPTION_INDENT 26u

/* Prints text from column `indent` on, broken at blanks before HELP_WIDTH; the cursor stands at
 * `column`. */
static void print_wrapped(const char *text, unsigned indent, unsigned column)
{
    printf("%*s", column < indent ? (int)(indent - column) : 0, "");
    column = column < indent ? indent : column;
    while (*text) {
        unsigned length = (unsigned)strcspn(text, " \n");
        bool line_end = text[length] == '\n';

        if (column > indent && column + 1 + length > HELP_WIDTH) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        }
        printf("%s%.*s", column > indent ? " " : "", (int)length, text);
        column += length + (column > indent);
        text += length + (text[length] != '\0');
        if (line_end && *text) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        }
    }
    putchar('\n');
}

struct option_label option_label(const struct option_row *option)
{
    struct option_label label;
    const char *value = option->type == OPTION_SWITCH ? NULL : option->value;
    char letter[5] = "";

    if (option->letter)
        snprintf(letter, sizeof(letter), "-%c, ", option->letter);
    if (option->flags & OPTION_OPERAND)
        snprintf(label.text, sizeof(label.text), "%s%s", option->value,
                 option->flags & OPTION_REPEATED ? " …" : "");
    else if (value && (option->flags & OPTION_MAY_LACK_VALUE))
        snprintf(label.text, sizeof(label.text), "%s--%s[=%s]", letter, option->name, value);
    else
        snprintf(label.text, sizeof(label.text), "%s--%s%s%s", letter, option->name,
                 value ? " " : "", value ? value : "");
    return label;
}

static void print_option(const struct option_row *option)
{
    struct option_label label = option_label(option);
    auto_buffer help = BUFFER_INIT;

    buffer_add_string(&help, option->help);
    for (const char *const *choice = option->choices; choice && *choice; choice++)
        buffer_add_format(&help, "%s%s%s", choice == option->choices ? " (" : ", ", *choice,
                          choice[1] ? "" : ")");
    printf("  %s", label.text);
    unsigned column = 2 + (unsigned)strlen(label.text);
    if (column + 2 > HELP_OPTION_INDENT) {
        putchar('\n');
        column = 0;
    }
    print_wrapped(help.data ? help.data : "", HELP_OPTION_INDENT, column);
}

static void print_usage(const struct verb *verb)
{
    bool options = false;

    printf("Usage: hvkit %s", verb->name);
    OPTION_FOR_EACH(verb->options, row)
    {
        const char *dots = row->flags & OPTION_REPEATED ? "..." : "";

        if (!(row->flags & OPTION_OPERAND))
            options = true;
        else
            printf(row->flags & OPTION_REQUIRED ? " %s%s" : " [%s%s]", row->value, dots);
    }
    OPTION_FOR_EACH(verb->options, row)
    {
        if (!(row->flags & OPTION_OPERAND) && (row->flags & OPTION_REQUIRED))
            printf(" --%s %s", row->name, row->value);
    }
    printf("%s\n", options ? " [OPTION...]" : "");
}

bool help_print_verb(const struct verb *verb)
{
    print_usage(verb);
    putchar('\n');
    printf("%c%s.\n", toupper((unsigned char)verb->summary[0]), verb->summary + 1);
    if (verb->description) {
        putchar('\n');
        print_wrapped(verb->description, 0, 0);
    }
    if (verb->options && verb->options->name) {
        puts("\nOptions:");
        OPTION_FOR_EACH(verb->options, row)
        print_option(row);
    }
    if (verb->aliases)
        printf("\nAlso known as: %s\n", verb->aliases);
    if (verb->examples)
        printf("\nExamples:\n");
    for (const char *line = verb->examples; line && *line; line += strspn(line, "\n")) {
        size_t length = strcspn(line, "\n");

        printf("  %.*s\n", (int)length, line);
        line += length;
    }
    return true;
}

bool help_print_overview(void)
{
    puts("Usage: hvkit [OPTION...] COMMAND [ARGUMENT...]\n\n"
         "Manages virtual machines (domains) on this node and on others.\n\nOptions:");
    OPTION_FOR_EACH(global_options, row)
    print_option(row);
    for (const struct family *family = verb_families; family->title; family++) {
        printf("\n%s:\n", family->title);
        for (const struct verb *verb = family->verbs; verb->name; verb++)
            printf("  %-22s  %s\n", verb->name, verb->summary);
    }
    puts("\n'hvkit help COMMAND' explains one command, hvkit(1) all of them.");
    return true;
}
