/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scripts hold the verbs and their options as data; only domain names are asked for while one
 * types, through `hvkit list --all --name` with the connection that the line names. */
#include "complete.h"
#include "text.h"
#include <base/string.h>

/* What completes a value, as the bash script names it: a kind, or "=a,b,c" for choices. */
static void add_kind(struct buffer *out, const struct option_row *row)
{
    static const char *const kinds[] = {
        [OPTION_SWITCH] = "none",   [OPTION_TEXT] = "none", [OPTION_NUMBER] = "none",
        [OPTION_SIZE] = "none",     [OPTION_CHOICE] = "=",  [OPTION_FILE] = "file",
        [OPTION_DOMAIN] = "domain", [OPTION_VERB] = "verb",
    };

    buffer_add_string(out, row->choices ? "=" : kinds[row->type]);
    for (const char *const *choice = row->choices; choice && *choice; choice++)
        buffer_add_format(out, "%s%s", choice == row->choices ? "" : ",", *choice);
}

/* ---- bash ---- */

/* "domain file file…": the kinds of the operands, the last with "+" when it takes all the rest. */
static void add_bash_operands(struct buffer *out, const struct option_row *rows)
{
    OPTION_FOR_EACH(rows, row)
    {
        if (!(row->flags & OPTION_OPERAND))
            continue;
        add_kind(out, row);
        buffer_add_string(out, row->flags & OPTION_REPEATED ? "+ " : " ");
    }
}

static void add_bash_options(struct buffer *out, const struct option_row *rows)
{
    OPTION_FOR_EACH(rows, row)
    buffer_add_format(out, "--%s%s ", row->name, row->flags & OPTION_MAY_LACK_VALUE ? "=" : "");
}

/* "--mode:=acpi,agent": the options that take a value, and of what kind. */
static void add_bash_values(struct buffer *out, const struct option_row *rows)
{
    OPTION_FOR_EACH(rows, row)
    {
        if (row->type == OPTION_SWITCH || (row->flags & OPTION_MAY_LACK_VALUE))
            continue;
        buffer_add_format(out, "--%s:", row->name);
        add_kind(out, row);
        if (row->letter) {
            buffer_add_format(out, " -%c:", row->letter);
            add_kind(out, row);
        }
        buffer_add_char(out, ' ');
    }
}

static void add_bash_verb(struct buffer *out, const struct verb *verb)
{
    buffer_add_format(out, "    %s", verb->name);
    for (const char *alias = verb->aliases; alias && *alias; alias += strspn(alias, " ")) {
        size_t length = strcspn(alias, " ");

        buffer_add_format(out, "|%.*s", (int)length, alias);
        alias += length;
    }
    buffer_add_string(out, ")\n        options='");
    add_bash_options(out, verb->options);
    buffer_add_string(out, "'\n        values='");
    add_bash_values(out, verb->options);
    buffer_add_string(out, "'\n        operands='");
    add_bash_operands(out, verb->options);
    buffer_add_string(out, "' ;;\n");
}

static const char bash_head[] =
    "# bash completion for hvkit; load it with: source <(hvkit completion bash)\n"
    "_hvkit_verb() {\n"
    "    options= values= operands=\n"
    "    case $1 in\n";

static const char bash_tail[] =
    "    esac\n"
    "}\n"
    "_hvkit_kind() {\n"
    "    local pair\n"
    "    kind=\n"
    "    for pair in $values $global_values; do\n"
    "        [[ ${pair%%:*} == \"$1\" ]] && kind=${pair#*:} && return\n"
    "    done\n"
    "}\n"
    "_hvkit_reply() {\n"
    "    local name\n"
    "    case $1 in\n"
    "    domain)\n"
    "        while IFS= read -r name; do\n"
    "            [[ -n $name && $name == \"$current\"* ]] && COMPREPLY+=(\"$(printf %q "
    "\"$name\")\")\n"
    "        done < <(hvkit \"${connect[@]}\" list --all --name 2>/dev/null) ;;\n"
    "    file)\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        while IFS= read -r name; do COMPREPLY+=(\"$name\"); done < <(compgen -f -- "
    "\"$current\") ;;\n"
    "    verb) COMPREPLY=($(compgen -W \"$verbs\" -- \"$current\")) ;;\n"
    "    =*) COMPREPLY=($(compgen -W \"${1//[=,]/ }\" -- \"$current\")) ;;\n"
    "    esac\n"
    "}\n"
    "_hvkit_operand() {\n"
    "    local kinds=($operands) last\n"
    "    if ((count < ${#kinds[@]})); then\n"
    "        _hvkit_reply \"${kinds[count]%+}\"\n"
    "    elif ((${#kinds[@]})); then\n"
    "        last=${kinds[${#kinds[@]} - 1]}\n"
    "        [[ $last == *+ ]] && _hvkit_reply \"${last%+}\"\n"
    "    fi\n"
    "}\n"
    "_hvkit() {\n"
    "    local line=${COMP_LINE:0:COMP_POINT} options= values= operands= kind= verb= word cut\n"
    "    local current= count=0 pending= words connect=() verbs global_options global_values\n"
    "    _hvkit_lists\n"
    "    read -ra words <<<\"$line\"\n"
    "    [[ $line == *[[:blank:]] ]] || { current=${words[${#words[@]} - 1]}; unset "
    "\"words[${#words[@]}-1]\"; }\n"
    "    COMPREPLY=()\n"
    "    for word in \"${words[@]:1}\"; do\n"
    "        if [[ -n $pending ]]; then\n"
    "            [[ $pending == -c || $pending == --connect ]] && connect=(-c \"$word\")\n"
    "            pending=\n"
    "        elif [[ $word == --connect=* ]]; then connect=(\"$word\")\n"
    "        elif [[ $word == -* ]]; then\n"
    "            _hvkit_kind \"$word\"\n"
    "            [[ -n $kind ]] && pending=$word\n"
    "        elif [[ -z $verb ]]; then verb=$word; _hvkit_verb \"$verb\"\n"
    "        else ((count += 1)); fi\n"
    "    done\n"
    "    if [[ -n $pending ]]; then _hvkit_kind \"$pending\"; _hvkit_reply \"$kind\"\n"
    "    elif [[ $current == --*=* ]]; then\n"
    "        _hvkit_kind \"${current%%=*}\"; current=${current#*=}; _hvkit_reply \"$kind\"\n"
    "    elif [[ $current == -* ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$options$global_options\" -- \"$current\"))\n"
    "    elif [[ -z $verb ]]; then _hvkit_reply verb\n"
    "    else _hvkit_operand; fi\n"
    "    # readline replaces only what follows the last : or = of the word\n"
    "    if [[ $current == *[:=]* && $COMP_WORDBREAKS == *:* ]]; then\n"
    "        cut=${current%\"${current##*[:=]}\"}\n"
    "        COMPREPLY=(\"${COMPREPLY[@]#\"$cut\"}\")\n"
    "    fi\n"
    "    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null\n"
    "    return 0\n"
    "}\n"
    "complete -F _hvkit hvkit\n"
    "_hvkit_lists() {\n"
    "    verbs='";

static void write_bash(struct buffer *out)
{
    buffer_add_string(out, bash_head);
    VERB_FOR_EACH(verb)
    add_bash_verb(out, verb);
    buffer_add_string(out, bash_tail);
    VERB_FOR_EACH(verb)
    buffer_add_format(out, "%s ", verb->name);
    buffer_add_string(out, "'\n    global_options='");
    add_bash_options(out, global_options);
    buffer_add_string(out, "'\n    global_values='");
    add_bash_values(out, global_options);
    buffer_add_string(out, "'\n}\n");
}

/* ---- zsh ---- */

/* Text inside one '…' argument of _arguments or _describe. */
static void add_zsh_text(struct buffer *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\'')
            buffer_add_string(out, "'\\''");
        else if (strchr("[]:\\", *p))
            buffer_add_format(out, "\\%c", *p);
        else
            buffer_add_char(out, *p);
    }
}

static void add_zsh_action(struct buffer *out, const struct option_row *row)
{
    static const char *const actions[] = {
        [OPTION_SWITCH] = " ",
        [OPTION_TEXT] = " ",
        [OPTION_NUMBER] = " ",
        [OPTION_SIZE] = " ",
        [OPTION_CHOICE] = "",
        [OPTION_FILE] = "_files",
        [OPTION_DOMAIN] = "_hvkit_domains",
        [OPTION_VERB] = "_hvkit_verbs",
    };

    buffer_add_char(out, ':');
    add_zsh_text(out, row->value ? row->value : row->name);
    buffer_add_format(out, ":%s", actions[row->type]);
    for (const char *const *choice = row->choices; choice && *choice; choice++)
        buffer_add_format(out, "%s%s", choice == row->choices ? "(" : " ", *choice);
    buffer_add_string(out, row->choices ? ")" : "");
}

static void add_zsh_option(struct buffer *out, const char *name, const char *dashes,
                           const struct option_row *row)
{
    bool optional = row->flags & OPTION_MAY_LACK_VALUE;

    buffer_add_format(out, " \\\n            '%s%s%s%s[", row->flags & OPTION_REPEATED ? "*" : "",
                      dashes, name,
                      row->type == OPTION_SWITCH ? ""
                      : optional                 ? "=-"
                                                 : "=");
    add_zsh_text(out, row->help);
    buffer_add_char(out, ']');
    if (row->type != OPTION_SWITCH) {
        if (optional)
            buffer_add_char(out, ':');
        add_zsh_action(out, row);
    }
    buffer_add_char(out, '\'');
}

static void add_zsh_options(struct buffer *out, const struct option_row *rows)
{
    OPTION_FOR_EACH(rows, row)
    {
        char letter[] = {row->letter, '\0'};

        add_zsh_option(out, row->name, "--", row);
        if (row->letter) {
            struct option_row brief = *row;

            brief.flags &= (uint8_t)~OPTION_MAY_LACK_VALUE;
            add_zsh_option(out, letter, "-", &brief);
        }
    }
}

static void add_zsh_verb(struct buffer *out, const struct verb *verb)
{
    unsigned position = 0;

    buffer_add_format(out, "        (%s", verb->name);
    for (const char *alias = verb->aliases; alias && *alias; alias += strspn(alias, " ")) {
        size_t length = strcspn(alias, " ");

        buffer_add_format(out, "|%.*s", (int)length, alias);
        alias += length;
    }
    buffer_add_string(out, ") _arguments");
    add_zsh_options(out, verb->options);
    OPTION_FOR_EACH(verb->options, row)
    {
        if (!(row->flags & OPTION_OPERAND))
            continue;
        if (row->flags & OPTION_REPEATED)
            buffer_add_string(out, " \\\n            '*");
        else
            buffer_add_format(out, " \\\n            '%u%s", ++position,
                              row->flags & OPTION_REQUIRED ? "" : ":");
        add_zsh_action(out, row);
        buffer_add_char(out, '\'');
    }
    buffer_add_string(out, " ;;\n");
}

static void write_zsh(struct buffer *out)
{
    buffer_add_string(out,
                      "#compdef hvkit\n"
                      "# zsh completion for hvkit; save it as _hvkit in a directory of $fpath\n"
                      "_hvkit_domains() {\n"
                      "    local -a names connect\n"
                      "    connect=(${opt_args[-c]:-${opt_args[--connect]}})\n"
                      "    names=(${(f)\"$(_call_program domains hvkit ${connect:+-c} $connect "
                      "list --all --name 2>/dev/null)\"})\n"
                      "    compadd -a names\n"
                      "}\n"
                      "_hvkit_verbs() {\n"
                      "    local -a verbs\n"
                      "    verbs=(\n");
    VERB_FOR_EACH(verb)
    {
        buffer_add_format(out, "        '%s:", verb->name);
        add_zsh_text(out, verb->summary);
        buffer_add_string(out, "'\n");
    }
    buffer_add_string(out, "    )\n    _describe -t commands 'hvkit command' verbs\n}\n"
                           "_hvkit() {\n    local context state state_descr line\n"
                           "    typeset -A opt_args\n    _arguments -C");
    add_zsh_options(out, global_options);
    buffer_add_string(out, " \\\n            '1:command:_hvkit_verbs' '*::argument:->verb'\n"
                           "    [[ $state == verb ]] || return\n    case $words[1] in\n");
    VERB_FOR_EACH(verb)
    add_zsh_verb(out, verb);
    buffer_add_string(out, "    esac\n}\n"
                           "if [[ $funcstack[1] == _hvkit ]]; then _hvkit \"$@\"; "
                           "else compdef _hvkit hvkit; fi\n");
}

/* ---- fish ---- */

static void add_fish_text(struct buffer *out, const char *text)
{
    buffer_add_char(out, '\'');
    for (const char *p = text; *p; p++) {
        if (*p == '\'' || *p == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, *p);
    }
    buffer_add_char(out, '\'');
}

/* " -x -a '…'": that a value is needed, and what completes it. */
static void add_fish_value(struct buffer *out, const struct option_row *row)
{
    auto_buffer list = BUFFER_INIT;

    for (const char *const *choice = row->choices; choice && *choice; choice++)
        buffer_add_format(&list, "%s%s", choice == row->choices ? "" : " ", *choice);
    if (row->type == OPTION_DOMAIN)
        buffer_add_string(&list, "(__hvkit_domains)");
    if (row->type == OPTION_VERB)
        buffer_add_string(&list, "(__hvkit_verbs)");
    if (row->type == OPTION_FILE)
        buffer_add_string(out, " -rF");
    else if (row->type != OPTION_SWITCH && !(row->flags & OPTION_MAY_LACK_VALUE))
        buffer_add_string(out, " -x");
    if (!list.data)
        return;
    buffer_add_string(out, " -a ");
    add_fish_text(out, list.data);
}

static void add_fish_option(struct buffer *out, const char *condition, const struct option_row *row)
{
    buffer_add_format(out, "complete -c hvkit %s -l %s", condition, row->name);
    if (row->letter)
        buffer_add_format(out, " -s %c", row->letter);
    add_fish_value(out, row);
    buffer_add_string(out, " -d ");
    add_fish_text(out, row->help);
    buffer_add_char(out, '\n');
}

static void add_fish_verb(struct buffer *out, const struct verb *verb)
{
    auto_buffer condition = BUFFER_INIT;

    buffer_add_format(&condition, "-n '__fish_seen_subcommand_from %s%s%s'", verb->name,
                      verb->aliases ? " " : "", verb->aliases ? verb->aliases : "");
    buffer_add_format(out, "complete -c hvkit -n __fish_use_subcommand -a %s -d ", verb->name);
    add_fish_text(out, verb->summary);
    buffer_add_char(out, '\n');
    if (!condition.data)
        return;
    OPTION_FOR_EACH(verb->options, row)
    {
        add_fish_option(out, condition.data, row);
        if (!(row->flags & OPTION_OPERAND))
            continue;
        buffer_add_format(out, "complete -c hvkit %s", condition.data);
        if (row->type == OPTION_FILE)
            buffer_add_string(out, " -F");
        else
            add_fish_value(out, row);
        buffer_add_char(out, '\n');
    }
}

static void write_fish(struct buffer *out)
{
    buffer_add_string(
        out, "# fish completion for hvkit; save it as ~/.config/fish/completions/hvkit.fish\n"
             "function __hvkit_domains\n"
             "    set -l words (commandline -opc)\n"
             "    set -l connect\n"
             "    for i in (seq (count $words))\n"
             "        if contains -- $words[$i] -c --connect\n"
             "            set -l next (math $i + 1)\n"
             "            set connect -c $words[$next]\n"
             "        else if string match -q -- '--connect=*' $words[$i]\n"
             "            set connect $words[$i]\n"
             "        end\n"
             "    end\n"
             "    hvkit $connect list --all --name 2>/dev/null | string match -r '.+'\n"
             "end\n"
             "function __hvkit_verbs\n    string split ' ' '");
    VERB_FOR_EACH(verb)
    buffer_add_format(out, "%s%s", verb == verb_families[0].verbs ? "" : " ", verb->name);
    buffer_add_string(out, "'\nend\ncomplete -c hvkit -f\n");
    OPTION_FOR_EACH(global_options, row)
    add_fish_option(out, "", row);
    VERB_FOR_EACH(verb)
    add_fish_verb(out, verb);
}

bool complete_run(struct cli *cli, const struct arguments *arguments)
{
    static void (*const writers[])(struct buffer *) = {write_bash, write_zsh, write_fish};
    auto_buffer script = BUFFER_INIT;

    writers[arguments_choice(arguments, "shell", 0)](&script);
    if (script.failed)
        return hvk_error_memory(&cli->call.error);
    fputs(script.data, stdout);
    return true;
}
