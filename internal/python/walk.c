#include "walk.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// What is used of Tree-sitter's interface (tree_sitter/api.h of v0.25), whose
// library the Go package go-tree-sitter brings into the program. Its header is
// in that module and has no path that cgo could name.
typedef struct TSLanguage TSLanguage;
typedef struct TSParser TSParser;
typedef struct TSTree TSTree;
typedef struct { uint32_t row, column; } TSPoint;
typedef struct { uint32_t context[4]; const void *id; const TSTree *tree; } TSNode;
typedef struct { const void *tree, *id; uint32_t context[3]; } TSTreeCursor;
typedef struct {
	void *payload;
	const char *(*read)(void *payload, uint32_t byte_index, TSPoint position, uint32_t *bytes_read);
	int encoding;
	void *decode;
} TSInput;
typedef struct { void *payload; uint32_t current_byte_offset; bool has_error; } TSParseState;
typedef struct { void *payload; bool (*progress_callback)(TSParseState *state); } TSParseOptions;

extern void ts_set_allocator(void *(*)(size_t), void *(*)(size_t, size_t), void *(*)(void *, size_t), void (*)(void *));
extern TSParser *ts_parser_new(void);
extern void ts_parser_delete(TSParser *);
extern bool ts_parser_set_language(TSParser *, const TSLanguage *);
extern TSTree *ts_parser_parse_with_options(TSParser *, const TSTree *, TSInput, TSParseOptions);
extern void ts_parser_reset(TSParser *);
extern void ts_tree_delete(TSTree *);
extern TSNode ts_tree_root_node(const TSTree *);
extern TSTreeCursor ts_tree_cursor_new(TSNode);
extern void ts_tree_cursor_delete(TSTreeCursor *);
extern TSNode ts_tree_cursor_current_node(const TSTreeCursor *);
extern uint16_t ts_tree_cursor_current_field_id(const TSTreeCursor *);
extern bool ts_tree_cursor_goto_parent(TSTreeCursor *);
extern bool ts_tree_cursor_goto_next_sibling(TSTreeCursor *);
extern bool ts_tree_cursor_goto_first_child(TSTreeCursor *);
extern uint16_t ts_node_symbol(TSNode);
extern uint32_t ts_node_start_byte(TSNode);
extern uint32_t ts_node_end_byte(TSNode);
extern TSPoint ts_node_start_point(TSNode);
extern TSPoint ts_node_end_point(TSNode);
extern bool ts_node_is_named(TSNode);
extern bool ts_node_is_extra(TSNode);
extern bool ts_node_is_error(TSNode);
extern bool ts_node_is_missing(TSNode);
extern uint32_t ts_language_symbol_count(const TSLanguage *);
extern const char *ts_language_symbol_name(const TSLanguage *, uint16_t);
extern uint16_t ts_language_field_id_for_name(const TSLanguage *, const char *, uint32_t);

struct lintel_parser {
	TSParser *parser;
	lintel_node *nodes;
	uint32_t capacity;
};

// plain_allocator gives the library its own allocator back. The Go package puts
// one in its place that calls into Go for each block, which is a fifth of the
// time of a parse, and that hands on what malloc returns when there is no memory,
// where the library's own says so and ends the process. Both take blocks from
// malloc, so either may free what the other took.
static void plain_allocator(void) { ts_set_allocator(NULL, NULL, NULL, NULL); }

static pthread_once_t allocator_once = PTHREAD_ONCE_INIT;

lintel_parser *lintel_parser_new(const void *language) {
	pthread_once(&allocator_once, plain_allocator);
	lintel_parser *self = calloc(1, sizeof *self);
	if (self == NULL) return NULL;
	self->parser = ts_parser_new();
	if (self->parser == NULL || !ts_parser_set_language(self->parser, language)) {
		lintel_parser_delete(self);
		return NULL;
	}
	return self;
}

void lintel_parser_delete(lintel_parser *self) {
	if (self->parser != NULL) ts_parser_delete(self->parser);
	free(self->nodes);
	free(self);
}

typedef struct { const char *text; uint32_t length; } source_text;

static const char *read_source(void *payload, uint32_t at, TSPoint position, uint32_t *read) {
	source_text *source = payload;
	(void)position;
	*read = at < source->length ? source->length - at : 0;
	return *read > 0 ? source->text + at : "";
}

int64_t lintel_now(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool too_late(TSParseState *state) { return lintel_now() > *(int64_t *)state->payload; }

// kept_capacity bounds the nodes that a parser holds memory for between files:
// few files have more, and one that does need not cost 70 MB from then on.
enum { kept_capacity = 1 << 18 };

// reserve makes room for one more node.
static bool reserve(lintel_parser *self, uint32_t count) {
	if (count < self->capacity) return true;
	uint32_t capacity = self->capacity == 0 ? 4096 : self->capacity * 2;
	lintel_node *grown = realloc(self->nodes, (size_t)capacity * sizeof *grown);
	if (grown == NULL) return false;
	self->nodes = grown;
	self->capacity = capacity;
	return true;
}

// walk writes the tree under the cursor. The open ancestors are kept in the
// nodes themselves: next holds the parent's index until the node is closed.
static int walk(lintel_parser *self, TSTreeCursor *cursor, uint32_t max_nodes, uint32_t max_depth, uint32_t *count) {
	uint32_t open = 0, depth = 0, n = 0;
	for (;;) {
		TSNode node = ts_tree_cursor_current_node(cursor);
		bool named = ts_node_is_named(node), error = ts_node_is_error(node), missing = ts_node_is_missing(node);
		uint16_t field = ts_tree_cursor_current_field_id(cursor);
		bool kept = n == 0 || ((named || field != 0) && (!ts_node_is_extra(node) || error)) || missing;
		if (kept) {
			if (n >= max_nodes) return LINTEL_TOO_MANY;
			if (!reserve(self, n)) return LINTEL_NO_MEMORY;
			lintel_node *out = &self->nodes[n];
			out->symbol = ts_node_symbol(node);
			out->field = (uint8_t)field;
			out->flags = (named ? LINTEL_NAMED : 0) | (error ? LINTEL_ERROR : 0) | (missing ? LINTEL_MISSING : 0);
			out->start = ts_node_start_byte(node);
			out->end = ts_node_end_byte(node);
			out->row = ts_node_start_point(node).row;
			out->last = ts_node_end_point(node).row;
			if (ts_node_end_point(node).column == 0 && out->last > out->row) out->last--;
			out->next = open;
			if (error && n > 0) self->nodes[open].flags |= LINTEL_HOLDS_ERROR;
			uint32_t here = n++;
			if (ts_tree_cursor_goto_first_child(cursor)) {
				if (++depth > max_depth) return LINTEL_TOO_DEEP;
				open = here;
				continue;
			}
			self->nodes[here].next = n;
		}
		while (!ts_tree_cursor_goto_next_sibling(cursor)) {
			if (depth == 0) {
				*count = n;
				return LINTEL_OK;
			}
			ts_tree_cursor_goto_parent(cursor);
			depth--;
			uint32_t parent = self->nodes[open].next;
			self->nodes[open].next = n;
			open = parent;
		}
	}
}

int lintel_parse(lintel_parser *self, const char *source, uint32_t length, uint32_t max_nodes, uint32_t max_depth,
	int64_t deadline, lintel_node **nodes, uint32_t *count) {
	if (self->capacity > kept_capacity) {
		free(self->nodes);
		self->nodes = NULL;
		self->capacity = 0;
	}
	source_text text = {source, length};
	TSInput input = {&text, read_source, 0, NULL};
	TSParseOptions options = {&deadline, deadline == 0 ? NULL : too_late};
	TSTree *tree = ts_parser_parse_with_options(self->parser, NULL, input, options);
	if (tree == NULL) {
		ts_parser_reset(self->parser);
		return LINTEL_CANCELLED;
	}
	TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
	int result = walk(self, &cursor, max_nodes, max_depth, count);
	ts_tree_cursor_delete(&cursor);
	ts_tree_delete(tree);
	*nodes = self->nodes;
	return result;
}

uint32_t lintel_symbol_count(const void *language) { return ts_language_symbol_count(language); }

const char *lintel_symbol_name(const void *language, uint16_t symbol) { return ts_language_symbol_name(language, symbol); }

uint16_t lintel_field(const void *language, const char *name, uint32_t length) {
	return ts_language_field_id_for_name(language, name, length);
}
