/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hvkit(1), written from the table of verbs in mdoc(7), the language of mandoc and groff. */
#include "cli.h"
#include "help.h"
#include <base/string.h>
#include <ctype.h>

#define MANUAL_COLUMNS 70u              /* the escapes of a word may widen it a little */
#define MANUAL_DATE "November 20, 2026" /* of the last change to this file's own text */

/* One character with mdoc's special ones escaped; returns the columns that it takes. */
static unsigned print_character(char c, bool line_start)
{
    static const struct {
        char character;
        const char *escape;
    } escapes[] = {{'\\', "\\e"}, {'\'', "\\(aq"}, {'`', "\\(ga"}, {'-', "\\-"}};

    if (line_start && c == '.')
        fputs("\\&", stdout);
    for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
        if (escapes[i].character == c)
            return (unsigned)printf("%s", escapes[i].escape);
    }
    return (unsigned)printf("%c", c);
}

/* Prints text as input lines of at most MANUAL_COLUMNS, each sentence on a line of its own. */
static void print_text(const char *text)
{
    unsigned column = 0;

    for (const char *word = text; *word; word += strspn(word, " \n")) {
        size_t length = strcspn(word, " \n");
        bool sentence = column > 0 && isupper((unsigned char)*word) && strchr(".?", word[-2]);

        if (column > 0 && (sentence || column + 1 + length > MANUAL_COLUMNS)) {
            putchar('\n');
            column = 0;
        }
        if (column > 0)
            column += (unsigned)printf(" ");
        for (size_t i = 0; i < length; i++)
            column += print_character(word[i], column == 0);
        word += length;
    }
    putchar('\n');
}

/* "do a thing" as the sentence "Do a thing." */
static void print_sentence(const char *text)
{
    printf("%c", toupper((unsigned char)text[0]));
    auto_buffer rest = BUFFER_INIT;
    buffer_add_format(&rest, "%s.", text + 1);
    print_text(rest.data ? rest.data : ".");
}

/* One word as the argument of a macro. */
static void print_word(const char *word)
{
    for (const char *p = word; *p; p++)
        fputs((const char[]){*p == '-' ? '\\' : *p, *p == '-' ? '-' : '\0', '\0'}, stdout);
}

/* "Fl -mode Ar MODE": the option inside a macro line. */
static void print_option_macro(const struct option_row *row)
{
    if (row->letter)
        printf("Fl %c , ", row->letter);
    fputs("Fl \\-", stdout);
    print_word(row->name);
    if (row->type != OPTION_SWITCH && (row->flags & OPTION_MAY_LACK_VALUE))
        printf(" Ns Op = Ns Ar %s", row->value);
    else if (row->type != OPTION_SWITCH)
        printf(" Ar %s", row->value);
}

static void print_option(const struct option_row *row)
{
    fputs(".It ", stdout);
    if (row->flags & OPTION_OPERAND)
        printf("Ar %s%s", row->value, row->flags & OPTION_REPEATED ? " ..." : "");
    else
        print_option_macro(row);
    putchar('\n');
    auto_buffer help = BUFFER_INIT;
    buffer_add_string(&help, row->help);
    for (const char *const *choice = row->choices; choice && *choice; choice++)
        buffer_add_format(&help, "%s%s%s", choice == row->choices ? " (" : ", ", *choice,
                          choice[1] ? "" : ")");
    print_text(help.data ? help.data : "");
}

static void print_options(const struct option_row *rows)
{
    if (!rows || !rows->name)
        return;
    puts(".Bl -tag -width Ds -compact");
    OPTION_FOR_EACH(rows, row)
    print_option(row);
    puts(".El");
}

static void print_heading(const struct verb *verb)
{
    fputs(".It Cm ", stdout);
    print_word(verb->name);
    OPTION_FOR_EACH(verb->options, row)
    {
        if (row->flags & OPTION_OPERAND)
            printf(" %s%s%s", row->flags & OPTION_REQUIRED ? "Ar " : "Oo Ar ", row->value,
                   row->flags & OPTION_REPEATED ? " ..." : "");
        else
            continue;
        if (!(row->flags & OPTION_REQUIRED))
            fputs(" Oc", stdout);
    }
    OPTION_FOR_EACH(verb->options, row)
    {
        if (!(row->flags & OPTION_OPERAND)) {
            fputs(" Op ", stdout);
            fputs("Ar option ...", stdout);
            break;
        }
    }
    putchar('\n');
}

static void print_verb(const struct verb *verb)
{
    print_heading(verb);
    print_sentence(verb->summary);
    if (verb->description)
        print_text(verb->description);
    if (verb->aliases) {
        puts(".Pp");
        printf("Also known as: ");
        print_text(verb->aliases);
    }
    print_options(verb->options);
}

static void print_commands(void)
{
    puts(".Sh COMMANDS\n"
         "A\n.Ar DOMAIN\nis a domain's id, uuid or name, looked for in this order.\n"
         "Sizes are whole numbers with a unit\n.Pq Cm KiB , MiB , GiB , KB , MB \\&...\n"
         "and mean KiB without one.\n"
         "Every operand may also be given as an option with its name.");
    for (const struct family *family = verb_families; family->title; family++) {
        printf(".Ss %s\n.Bl -tag -width Ds\n", family->title);
        for (const struct verb *verb = family->verbs; verb->name; verb++)
            print_verb(verb);
        puts(".El");
    }
}

static void print_exit_status(void)
{
    puts(".Sh EXIT STATUS\n.Bl -tag -width Ds -compact");
    for (const struct exit_row *row = exit_rows; row->meaning; row++) {
        printf(".It %d\n", row->status);
        print_text(row->meaning);
    }
    puts(".El");
}

static void print_examples(void)
{
    puts(".Sh EXAMPLES\n.Bl -tag -width Ds");
    VERB_FOR_EACH(verb)
    {
        for (const char *line = verb->examples; line && *line; line += strspn(line, "\n")) {
            size_t length = strcspn(line, "\n");
            auto_free char *copy = strndup(line, length);
            char *comment = copy ? strstr(copy, " # ") : NULL;

            line += length;
            if (!comment)
                continue;
            *comment = '\0';
            fputs(".It Li \"", stdout);
            print_word(copy);
            puts("\"");
            print_text(comment + 3);
        }
    }
    puts(".El");
}

bool manual_print(void)
{
    puts(".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
         ".Dd " MANUAL_DATE "\n.Dt HVKIT 1\n.Os\n"
         ".Sh NAME\n.Nm hvkit\n.Nd manage virtual machines\n"
         ".Sh SYNOPSIS\n.Nm hvkit\n.Op Ar option ...\n.Ar command\n.Op Ar argument ...\n"
         ".Sh DESCRIPTION\n.Nm\nmanages the virtual machines and containers\n.Pq domains\n"
         "of a node through the driver that the connection URI selects.\n"
         "The options are:\n.Pp");
    print_options(global_options);
    puts(".Pp\nThey may stand in front of the command or behind it.");
    print_commands();
    puts(".Sh ENVIRONMENT\n.Bl -tag -width HVKIT_URI -compact\n"
         ".It Ev HVKIT_URI\nthe URI to connect to when\n.Fl c\nis not given\n"
         ".It Ev VISUAL , EDITOR\nthe editor of\n.Cm edit ,\nin this order;\n.Xr vi 1\n"
         "when neither is set\n"
         ".It Ev HVKIT_DRIVER_PATH\nadditional directories with drivers\n.El\n"
         ".Sh FILES\n.Bl -tag -width Ds -compact\n"
         ".It Pa /etc/hvkit/hvkit.conf\nthe default URI, aliases and driver directories\n"
         ".It Pa ~/.local/state/hvkit/history\nwhat was typed in\n.Ic hvkit shell\n.El");
    print_exit_status();
    print_examples();
    puts(".Sh SEE ALSO\n.Xr hvkit-shell 1");
    return true;
}
