/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include <stdarg.h>

bool report(struct report *report, const struct place *at, const char *format, ...)
{
    if (report->count++ >= REPORT_MAX)
        return false;
    fprintf(report->to, "%s:%u:%u: ", at->file, at->line, at->column);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(report->to, format, arguments);
    va_end(arguments);
    fputc('\n', report->to);
    if (report->count == REPORT_MAX)
        fprintf(report->to, "%s: more than %d faults: the rest is not shown\n", at->file,
                REPORT_MAX - 1);
    return false;
}
