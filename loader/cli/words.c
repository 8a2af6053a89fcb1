/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"
#include "domain.h"
#include "text.h"
#include <base/string.h>
#include <dirent.h>
#include <sys/stat.h>

void candidates_fini(struct candidates *candidates)
{
    text_free_words(&candidates->words);
}

static void add(struct candidates *to, const char *typed, const char *word)
{
    char *copy = string_starts_with(word, typed) ? strdup(word) : NULL;

    if (copy && !vector_push(&to->words, &copy))
        free(copy);
}

static void add_verbs(struct candidates *to, const char *typed)
{
    VERB_FOR_EACH(verb)
    {
        if (!(verb->flags & VERB_OUTSIDE_SHELL))
            add(to, typed, verb->name);
    }
}

static void add_options(struct candidates *to, const char *typed, const struct option_row *rows)
{
    OPTION_FOR_EACH(rows, row)
    {
        auto_free char *word =
            string_format("--%s%s", row->name, row->flags & OPTION_MAY_LACK_VALUE ? "=" : "");

        if (word)
            add(to, typed, word);
    }
}

/* Entries of the folder that the word names, with the folder in front. */
static void add_files(struct candidates *to, const char *typed)
{
    const char *slash = strrchr(typed, '/');
    auto_free char *folder = slash ? strndup(typed, (size_t)(slash + 1 - typed)) : strdup("");
    auto_dir DIR *dir = folder ? opendir(*folder ? folder : ".") : NULL;
    struct dirent *entry;

    while (dir && (entry = readdir(dir)) != NULL) {
        struct stat status;
        auto_free char *path = NULL;

        if (entry->d_name[0] == '.' && (slash ? slash[1] : typed[0]) != '.')
            continue;
        bool is_dir =
            fstatat(dirfd(dir), entry->d_name, &status, 0) == 0 && S_ISDIR(status.st_mode);
        path = string_format("%s%s%s", folder, entry->d_name, is_dir ? "/" : "");
        if (path)
            add(to, typed, path);
    }
}

static void add_domains(struct candidates *to, const char *typed, struct cli *cli)
{
    auto_result struct hvk_domain_list *domains = NULL;

    if (!cli_connect(cli) || !hvk_domain_list(cli_call(cli), cli->connection, 0, &domains))
        return;
    for (uint64_t i = 0; i < domains->count; i++)
        add(to, typed, hvk_domain_list_at(domains, i)->name);
}

static void add_values(struct candidates *to, const char *typed, struct cli *cli,
                       const struct option_row *row)
{
    switch ((enum option_type)row->type) {
    case OPTION_DOMAIN:
        add_domains(to, typed, cli);
        break;
    case OPTION_FILE:
        add_files(to, typed);
        break;
    case OPTION_VERB:
        add_verbs(to, typed);
        break;
    case OPTION_CHOICE:
    case OPTION_TEXT:
        for (const char *const *choice = row->choices; choice && *choice; choice++)
            add(to, typed, *choice);
        break;
    case OPTION_SWITCH:
    case OPTION_NUMBER:
    case OPTION_SIZE:
        break;
    }
}

static const struct option_row *find_option(const struct option_row *rows, const char *word)
{
    OPTION_FOR_EACH(rows, row)
    {
        if (word[1] == '-' ? string_equal(row->name, word + 2)
                           : row->letter && row->letter == word[1])
            return row;
    }
    return NULL;
}

/* The option whose value is wanted at the end of the words, or the operand that is next. */
static const struct option_row *expected(const struct verb *verb, const struct vector *words)
{
    const struct option_row *pending = NULL;
    unsigned operands = 0;

    for (size_t i = 1; i < words->count; i++) {
        const char *word = *(char *const *)vector_at(words, i);
        const struct option_row *option = NULL;

        if (pending) {
            pending = NULL;
            continue;
        }
        if (word[0] != '-') {
            operands++;
            continue;
        }
        option = find_option(verb->options, word);
        option = option ? option : find_option(global_options, word);
        if (option && option->type != OPTION_SWITCH && !(option->flags & OPTION_MAY_LACK_VALUE))
            pending = option;
    }
    OPTION_FOR_EACH(pending ? NULL : verb->options, row)
    {
        if ((row->flags & OPTION_OPERAND) && (operands-- == 0 || (row->flags & OPTION_REPEATED)))
            return row;
    }
    return pending;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_arguments(struct cli *cli, const struct vector *words, const char *typed,
                           struct candidates *to)
{
    const struct verb *verb = verb_find(*(char *const *)vector_at(words, 0));
    const struct option_row *row = verb ? expected(verb, words) : NULL;

    if (verb && typed[0] == '-') {
        add_options(to, typed, verb->options);
        add_options(to, typed, global_options);
    } else if (row) {
        add_values(to, typed, cli, row);
    }
}

bool candidates_find(struct cli *cli, const char *line, struct candidates *candidates)
{
    struct vector words = VECTOR_INIT(char *);
    const char *last = strrchr(line, ';');
    const char *command = last ? last + 1 : line;
    size_t length = strlen(command);
    auto_free char *typed = NULL;

    if (!text_split(command, false, &words, NULL)) {
        text_free_words(&words);
        return false;
    }
    if (words.count > 0 && length > 0 && command[length - 1] != ' ')
        typed = *(char **)vector_at(&words, --words.count);
    const char *beginning = typed ? typed : "";
    candidates->typed = strlen(beginning);
    if (words.count == 0)
        add_verbs(candidates, beginning);
    else
        find_arguments(cli, &words, beginning, candidates);
    text_free_words(&words);
    if (candidates->words.count > 1)
        qsort(candidates->words.items, candidates->words.count, sizeof(char *), compare_words);
    return candidates->words.count > 0;
}

size_t candidates_common(const struct candidates *candidates)
{
    size_t common = 0;

    if (candidates->words.count == 0)
        return 0;
    const char *first = *(char *const *)vector_at(&candidates->words, 0);
    /* Sorted: what the first and the last share, all share. */
    const char *final = *(char *const *)vector_at(&candidates->words, candidates->words.count - 1);
    while (first[common] && first[common] == final[common])
        common++;
    return common;
}
