/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/uuid.h"

#include "base/string.h"
#include <sys/random.h>

#define BLANKS " \t\n\v\f\r"

bool uuid_parse(const char *text, uint8_t uuid[HVK_UUID_SIZE])
{
    text += strspn(text, BLANKS);
    for (int i = 0; i < HVK_UUID_SIZE; i++) {
        text += strspn(text, "- ");
        int high = string_hex_digit(text[0]);
        int low = high < 0 ? -1 : string_hex_digit(text[1]);
        if (low < 0)
            return false;
        uuid[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return text[strspn(text, BLANKS)] == '\0';
}

void uuid_format(const uint8_t uuid[HVK_UUID_SIZE], char text[HVK_UUID_STRING_SIZE])
{
    for (int i = 0; i < HVK_UUID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = "0123456789abcdef"[uuid[i] >> 4];
        *text++ = "0123456789abcdef"[uuid[i] & 15];
    }
    *text = '\0';
}

bool uuid_generate(uint8_t uuid[HVK_UUID_SIZE])
{
    if (getrandom(uuid, HVK_UUID_SIZE, 0) != HVK_UUID_SIZE)
        return false;
    uuid[6] = (uuid[6] & 0x0f) | 0x40;
    uuid[8] = (uuid[8] & 0x3f) | 0x80;
    return true;
}

bool uuid_is_null(const uint8_t uuid[HVK_UUID_SIZE])
{
    static const uint8_t null[HVK_UUID_SIZE];
    return memcmp(uuid, null, HVK_UUID_SIZE) == 0;
}
