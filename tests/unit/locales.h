/* Languages of users, which must not change what names come to. */
#ifndef SEK_TESTS_UNIT_LOCALES_H
#define SEK_TESTS_UNIT_LOCALES_H

/* Runs test once under each of C, C.UTF-8, tr_TR.UTF-8 and ja_JP.UTF-8 that is installed or that
 * localedef can make below build/; says which are not there. */
void locales_each(void (*test)(void **state), void **state);

#endif
