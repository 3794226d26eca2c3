#ifndef BASE_RC_H
#define BASE_RC_H

/*
 * Result of a fallible function. RC_OK is 0. On anything else the function
 * has left its ret_ parameters untouched and the caller owns nothing new.
 */
enum rc {
    RC_OK = 0,
    RC_INVALID,   /* the input is malformed or out of range */
    RC_NOT_FOUND, /* the thing named does not exist (or is not the caller's) */
    RC_CONFLICT,  /* the state does not allow it now */
    RC_TOO_LARGE, /* a configured maximum was exceeded */
    RC_BUSY,      /* a queue or limit is full; trying later may work */
    RC_DENIED,    /* not allowed */
    RC_IO,        /* the operating system or the network failed */
    RC_FULL,      /* no space left on the device */
    RC_READ_ONLY, /* the file or device cannot be written */
    RC_CORRUPT,   /* stored data is damaged or of an unknown version */
    RC_TIMEOUT,   /* a deadline passed */
    RC_CANCELLED, /* the caller or a shutdown ended it */
    RC_CLOSED,    /* the other side closed the connection */
    RC_NO_MEMORY, /* a peer-sized allocation failed */
    RC_UNSUPPORTED, /* valid, but this build or peer cannot do it */
    RC_INTERNAL,    /* a defect of ours */
};

/* A short stable lower-case name such as "not_found"; never NULL. */
const char *rc_name(enum rc rc);

#endif
