// The walk over a parsed tree, in C: a call from Go into C for every node costs
// more than parsing it.
#ifndef LINTEL_WALK_H
#define LINTEL_WALK_H

#include <stdbool.h>
#include <stdint.h>

// LINTEL_HOLDS_ERROR marks the parent of a node with LINTEL_ERROR.
enum { LINTEL_NAMED = 1, LINTEL_ERROR = 2, LINTEL_MISSING = 4, LINTEL_HOLDS_ERROR = 8 };
enum { LINTEL_OK, LINTEL_NO_MEMORY, LINTEL_TOO_MANY, LINTEL_TOO_DEEP, LINTEL_CANCELLED };

// lintel_node is one node in preorder. Lines count from zero; next is the index
// of the first node that is not inside.
typedef struct {
	uint16_t symbol;
	uint8_t field, flags;
	uint32_t start, end, row, last, next;
} lintel_node;

typedef struct lintel_parser lintel_parser;

lintel_parser *lintel_parser_new(const void *language);
void lintel_parser_delete(lintel_parser *self);

// lintel_parse parses source and writes its nodes, without comments and without
// punctuation that has no field, to an array that lives until the next call.
// deadline is in nanoseconds of the monotonic clock; zero is none.
int lintel_parse(lintel_parser *self, const char *source, uint32_t length, uint32_t max_nodes, uint32_t max_depth,
	int64_t deadline, lintel_node **nodes, uint32_t *count);

uint32_t lintel_symbol_count(const void *language);
const char *lintel_symbol_name(const void *language, uint16_t symbol);
uint16_t lintel_field(const void *language, const char *name, uint32_t length);
int64_t lintel_now(void);

#endif
