#include "base/status.h"

const char *sek_status_text(enum sek_status status)
{
    switch (status) {
    case SEK_OK:
        return "ok";
    case SEK_ERR_TRUNCATED:
        return "truncated";
    case SEK_ERR_NOT_THIS_FORMAT:
        return "another format";
    case SEK_ERR_MALFORMED:
        return "malformed";
    case SEK_ERR_UNSUPPORTED:
        return "unsupported";
    case SEK_ERR_SIGNATURE:
        return "signature does not verify";
    case SEK_ERR_KEY:
        return "no usable key";
    case SEK_ERR_EXPIRED:
        return "expired";
    case SEK_ERR_ROLLBACK:
        return "older than what was seen";
    case SEK_ERR_NO_SPACE:
        return "more than fits";
    case SEK_ERR_RANGE:
        return "out of range";
    case SEK_ERR_NOT_FOUND:
        return "not found";
    case SEK_ERR_IO:
        return "input/output error";
    case SEK_ERR_ABSENT:
        return "no answer";
    case SEK_ERR_DENIED:
        return "not allowed to read";
    case SEK_ERR_BUSY:
        return "busy";
    case SEK_ERR_CRYPTO:
        return "crypto engine failed";
    case SEK_ERR_STATE:
        return "called in the wrong order";
    }
    return "unknown status";
}
