/* Status codes: one enum for the whole project. A function returns its status; results go out by
 * pointer and stay untouched unless the status is SEK_OK. */
#ifndef SEK_BASE_STATUS_H
#define SEK_BASE_STATUS_H

/* The caller must look at the result. */
#define SEK_CHECKED __attribute__((warn_unused_result))

/* Elements of an array (not of a pointer). */
#define SEK_LEN(array) (sizeof(array) / sizeof((array)[0]))

enum sek_status {
    SEK_OK = 0,
    /* Bad input: whoever wrote the bytes is to blame. */
    SEK_ERR_TRUNCATED,       /* ends before what it announces */
    SEK_ERR_NOT_THIS_FORMAT, /* another format, or none: try the next parser */
    SEK_ERR_MALFORMED,       /* breaks a rule of its format */
    SEK_ERR_UNSUPPORTED,     /* a version or algorithm that we do not read; encrypted */
    SEK_ERR_SIGNATURE,       /* a signature does not verify */
    SEK_ERR_KEY,             /* no key that may be used for this */
    SEK_ERR_EXPIRED,         /* past its last valid day */
    SEK_ERR_ROLLBACK,        /* older than what was seen before */
    /* Limits: of the caller's memory, or of a device. */
    SEK_ERR_NO_SPACE,  /* more than the caller's buffer or table holds */
    SEK_ERR_RANGE,     /* outside the device or the allowed values */
    SEK_ERR_NOT_FOUND, /* no such entry */
    /* Devices: try again, or report the part. */
    SEK_ERR_IO,     /* the device answered with an error, or too short */
    SEK_ERR_ABSENT, /* nobody answered at that address */
    SEK_ERR_DENIED, /* we lack the privilege to ask */
    SEK_ERR_BUSY,   /* works on something else; ask again */
    SEK_ERR_CRYPTO, /* the crypto engine failed or gave a result that cannot be */
    /* Our own mistake. */
    SEK_ERR_STATE, /* called in the wrong order */
};

/* A short constant text for a status: "truncated", never NULL. */
const char *sek_status_text(enum sek_status status);

#endif
