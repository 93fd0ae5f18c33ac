/* The values of a trust store that its index lists, in the order of the tree. The builder of an
 * index and the device that checks one walk with the same function. */
#ifndef SEK_TRUST_VALUES_H
#define SEK_TRUST_VALUES_H

#include "trust/schema.h"
#include "trust/store.h"

enum { SEK_VALUES_MAX = 8192 }; /* of one property: their search for doubles is quadratic */

struct sek_value {
    enum sek_index kind;
    uint64_t key;
    int node;
};

/* Takes one value; a status other than SEK_OK ends the walk and is returned. */
struct sek_value_sink {
    enum sek_status (*value)(struct sek_value_sink *sink, const struct sek_value *value);
};

/* Gives the values of one node of the schema, as the walk over it (schema.h) shows it.
 * SEK_ERR_MALFORMED: a property of a type that it must not have, with a value twice or with more
 * than SEK_VALUES_MAX. */
SEK_CHECKED enum sek_status sek_store_node_values(const struct sek_schema_place *place,
                                                  struct sek_value_sink *sink);

/* The same of all nodes of a payload that sek_schema_check_tree accepts; *node says where it ended,
 * also if the sink ended the walk. */
SEK_CHECKED enum sek_status sek_store_values(const void *dtb, struct sek_value_sink *sink,
                                             int *node);

/* Property name of an index kind: "alias", "key", ... */
const char *sek_index_name(enum sek_index kind);

#endif
