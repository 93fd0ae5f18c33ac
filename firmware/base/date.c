#include "base/date.h"

#include <stdbool.h>
#include <string.h>

enum { SECONDS_PER_DAY = 86400 };

static bool leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && leap(year) ? 29 : days[month - 1];
}

static sek_day days_before_year(unsigned year)
{
    unsigned y = year - 1;

    return 365 * (year - 1970) + (y / 4 - 1969 / 4) - (y / 100 - 1969 / 100) +
           (y / 400 - 1969 / 400);
}

static bool digits(const char *text, size_t len, unsigned *out)
{
    unsigned value = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = 10 * value + (unsigned)(text[i] - '0');
    }
    *out = value;
    return true;
}

enum sek_status sek_date_parse(const char *text, size_t len, sek_day *out)
{
    unsigned year, month, day;
    sek_day result;

    if (len != SEK_DATE_LEN || text[4] != '-' || text[7] != '-')
        return SEK_ERR_MALFORMED;
    if (!digits(text, 4, &year) || !digits(text + 5, 2, &month) || !digits(text + 8, 2, &day))
        return SEK_ERR_MALFORMED;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return SEK_ERR_MALFORMED;
    result = days_before_year(year) + day - 1;
    for (unsigned m = 1; m < month; m++)
        result += days_in_month(year, m);
    if (result == 0)
        return SEK_ERR_MALFORMED; /* 1970-01-01 would read as "unknown" */
    *out = result;
    return SEK_OK;
}

void sek_date_format(sek_day day, char out[SEK_DATE_LEN + 1])
{
    unsigned year = 1970, month = 1;

    if (day == 0) {
        memcpy(out, "unknown", sizeof "unknown");
        return;
    }
    while (year < 9999 && days_before_year(year + 1) <= day)
        year++;
    day -= days_before_year(year);
    while (month < 12 && day >= days_in_month(year, month))
        day -= days_in_month(year, month++);
    day++;
    for (int i = 3; i >= 0; i--, year /= 10)
        out[i] = (char)('0' + year % 10);
    out[4] = out[7] = '-';
    out[5] = (char)('0' + month / 10);
    out[6] = (char)('0' + month % 10);
    out[8] = (char)('0' + day / 10 % 10);
    out[9] = (char)('0' + day % 10);
    out[10] = '\0';
}

sek_day sek_date_from_seconds(uint64_t seconds)
{
    uint64_t day = seconds / SECONDS_PER_DAY;

    return day > UINT32_MAX ? UINT32_MAX : (sek_day)day;
}
