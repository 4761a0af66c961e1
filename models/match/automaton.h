/* A table of numbers by number, and on it the automaton of Aho and Corasick over code points
 * (A. V. Aho, M. J. Corasick, "Efficient string matching", CACM 18/6, 1975): every place where one
 * of many patterns stands is found in one pass over a text. */
#ifndef MODERATION_AUTOMATON_H
#define MODERATION_AUTOMATON_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    uint64_t key;
    uint32_t value; /* counted from 1; 0 is an empty cell */
} Cell;

/* Most keys that are asked for are not there: a bit for each that is, in less memory by far than the
 * cells, says so without waiting for these. */
typedef struct {
    Cell *cells;
    uint64_t *bits;
    uint64_t mask, count;
} Map;

#define BITS_A_CELL 4 /* where half of the cells are full, one bit of eight is set */

static inline uint64_t map_place(uint64_t key)
{
    key *= UINT64_C(0x9E3779B97F4A7C15);
    return key ^ (key >> 29);
}

static inline uint64_t bit_of(const Map *map, uint64_t place)
{
    return place >> 20 & (BITS_A_CELL * (map->mask + 1) - 1);
}

static inline uint32_t map_get(const Map *map, uint64_t key)
{
    uint64_t place = map_place(key);
    if (!map->cells || !(map->bits[bit_of(map, place) >> 6] >> (bit_of(map, place) & 63) & 1)) return 0;
    for (;; place++) {
        const Cell *cell = &map->cells[place & map->mask];
        if (!cell->value || cell->key == key) return cell->value;
    }
}

static inline void map_mark(Map *map, uint64_t place)
{
    map->bits[bit_of(map, place) >> 6] |= UINT64_C(1) << (bit_of(map, place) & 63);
}

static void map_free(Map *map)
{
    PyMem_Free(map->cells);
    PyMem_Free(map->bits);
}

/* Puts a value (1 and more) in; an earlier one of the key stays. Returns -1 without memory. */
static int map_put(Map *map, uint64_t key, uint32_t value)
{
    uint64_t place;
    if (map->count * 2 >= map->mask) {
        Map larger = {NULL, NULL, map->mask ? map->mask * 2 + 1 : 63, map->count};
        uint64_t i;
        larger.cells = PyMem_Calloc(larger.mask + 1, sizeof(Cell));
        larger.bits = PyMem_Calloc((larger.mask + 1) * BITS_A_CELL / 64, sizeof *larger.bits);
        if (!larger.cells || !larger.bits) {
            map_free(&larger);
            return -1;
        }
        for (i = 0; map->cells && i <= map->mask; i++) {
            if (!map->cells[i].value) continue;
            place = map_place(map->cells[i].key);
            map_mark(&larger, place);
            while (larger.cells[place & larger.mask].value) place++;
            larger.cells[place & larger.mask] = map->cells[i];
        }
        map_free(map);
        *map = larger;
    }
    for (place = map_place(key); map->cells[place & map->mask].value; place++)
        if (map->cells[place & map->mask].key == key) return 0;
    map->cells[place & map->mask] = (Cell){key, value};
    map_mark(map, map_place(key));
    map->count++;
    return 0;
}

#define NEAR_ROOT 0x10000 /* code points whose first step is looked up directly */
#define NO_PATTERN UINT32_MAX

typedef struct {
    uint32_t parent, code, depth;
    uint32_t fail;    /* the node of the longest ending that begins a pattern */
    uint32_t pattern; /* what ends here, or NO_PATTERN */
    uint32_t shorter; /* the next node on the way of failures where one ends; 0 is none */
} Node;

typedef struct {
    Node *nodes;
    uint32_t count, room;
    uint32_t *first; /* the root's children by code point */
    Map edges;
} Automaton;

static inline uint32_t child_of(const Automaton *a, uint32_t node, uint32_t code)
{
    if (!node && code < NEAR_ROOT) return a->first[code];
    return map_get(&a->edges, ((uint64_t)node << 21) | code);
}

static inline uint32_t step(const Automaton *a, uint32_t node, uint32_t code)
{
    uint32_t next;
    while (!(next = child_of(a, node, code)) && node) node = a->nodes[node].fail;
    return next;
}

/* The same where the root's child is known already. */
static inline uint32_t step_from(const Automaton *a, uint32_t node, uint32_t code, uint32_t root)
{
    for (; node; node = a->nodes[node].fail) {
        const uint32_t next = map_get(&a->edges, ((uint64_t)node << 21) | code);
        if (next) return next;
    }
    return root;
}

static inline uint32_t first_end(const Automaton *a, uint32_t node)
{
    return a->nodes[node].pattern != NO_PATTERN ? node : a->nodes[node].shorter;
}

static int add_node(Automaton *a, uint32_t parent, uint32_t code, uint32_t depth)
{
    if (a->count == a->room) {
        const uint32_t room = a->room ? a->room * 2 : 1024;
        Node *nodes = PyMem_Realloc(a->nodes, room * sizeof(Node));
        if (!nodes) return -1;
        a->nodes = nodes;
        a->room = room;
    }
    a->nodes[a->count++] = (Node){parent, code, depth, 0, NO_PATTERN, 0};
    return 0;
}

/* Builds the automaton of a list of strings, whose places are their numbers; of equal ones the
 * first counts, and an empty one is never found. Returns -1 with an exception set. */
static int automaton_build(Automaton *a, PyObject *patterns)
{
    Py_ssize_t p, i;
    uint32_t *order = NULL, *starts = NULL, deepest = 0, n;
    memset(a, 0, sizeof *a);
    if (!(a->first = PyMem_Calloc(NEAR_ROOT, sizeof(uint32_t))) || add_node(a, 0, 0, 0) < 0)
        goto memory;
    for (p = 0; p < PyList_GET_SIZE(patterns); p++) {
        PyObject *text = PyList_GET_ITEM(patterns, p);
        uint32_t node = 0;
        if (!PyUnicode_Check(text)) {
            PyErr_SetString(PyExc_TypeError, "patterns must be strings");
            return -1;
        }
        for (i = 0; i < PyUnicode_GET_LENGTH(text); i++) {
            const uint32_t code = PyUnicode_READ_CHAR(text, i);
            uint32_t next = child_of(a, node, code);
            if (!next) {
                next = a->count;
                if (add_node(a, node, code, a->nodes[node].depth + 1) < 0) goto memory;
                if (!node && code < NEAR_ROOT) a->first[code] = next;
                else if (map_put(&a->edges, ((uint64_t)node << 21) | code, next) < 0) goto memory;
            }
            node = next;
        }
        if (node && a->nodes[node].pattern == NO_PATTERN) a->nodes[node].pattern = (uint32_t)p;
        if (a->nodes[node].depth > deepest) deepest = a->nodes[node].depth;
    }
    if (!(order = PyMem_Calloc(a->count, sizeof *order))
        || !(starts = PyMem_Calloc(deepest + 2, sizeof *starts))) goto memory;
    for (n = 0; n < a->count; n++) starts[a->nodes[n].depth + 1]++;
    for (n = 0; n <= deepest; n++) starts[n + 1] += starts[n];
    for (n = 0; n < a->count; n++) order[starts[a->nodes[n].depth]++] = n;
    for (n = 1; n < a->count; n++) { /* the root stands first */
        Node *node = &a->nodes[order[n]];
        if (node->parent) node->fail = step(a, a->nodes[node->parent].fail, node->code);
        node->shorter = first_end(a, node->fail);
    }
    PyMem_Free(order);
    PyMem_Free(starts);
    return 0;
memory:
    PyMem_Free(order);
    PyMem_Free(starts);
    PyErr_NoMemory();
    return -1;
}

static void automaton_free(Automaton *a)
{
    PyMem_Free(a->nodes);
    PyMem_Free(a->first);
    map_free(&a->edges);
}

#endif
