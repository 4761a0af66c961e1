/* Cuts a text into words as jieba does without its hidden Markov model: of all ways to cut it into
 * words of the dictionary the likeliest one, by their frequencies (J. Sun, "jieba"; the way is
 * Viterbi's). The same words as jieba's and rjieba's, which stand in where no compiler was at hand;
 * a test holds all three to each other. `models/text/tokenise.py` says what words are for. Over 300
 * lines since it reads the dictionary, too. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LAST_CODE 0x9FD5 /* the last character that a word may have */
#define LONGEST 64       /* characters of a word */
#define USUAL 512        /* characters of a text that needs no memory of its own */
#define MOST_WEIGHTS UINT16_MAX

/* A beginning of words: its continuations lie side by side, in order of their characters. */
typedef struct {
    uint32_t first;
    uint16_t count;
    uint16_t weight; /* the place of its logarithm in `logs`; 0 where it is no word */
} Node;

typedef struct {
    PyObject_HEAD
    Node single[LAST_CODE + 1]; /* beginnings of one character */
    Node *nodes;                /* the longer ones */
    uint16_t *codes;            /* of each of these its last character */
    double *logs;               /* of frequencies, less that of their sum */
    double unknown;             /* that of a character that is no word */
} Cutter;

/* A line of the dictionary while the tree is built. */
typedef struct {
    const uint16_t *codes;
    uint32_t size, frequency, line;
} Word;

/* What may be part of a word; all else is cut off character by character. */
static inline int is_inner(uint32_t code)
{
    return (code >= 0x4E00 && code <= LAST_CODE) || (code >= 'a' && code <= 'z')
        || (code >= 'A' && code <= 'Z') || (code >= '0' && code <= '9')
        || (code < 0x80 && code && strchr("+#&._%-", (int)code));
}

static inline int is_latin(uint32_t code)
{
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || (code >= '0' && code <= '9');
}

static inline const Node *continued(const Cutter *c, const Node *node, uint32_t code)
{
    const uint16_t *codes = c->codes + node->first;
    uint32_t left = node->count;
    if (!left) return NULL;
    while (left > 1) { /* without a branch that the processor would have to guess */
        const uint32_t half = left / 2;
        codes += codes[half] <= code ? half : 0;
        left -= half;
    }
    return *codes == code ? c->nodes + (codes - c->codes) : NULL;
}

/* The ends of the words of a stretch that words may be made of; how many there are. */
static Py_ssize_t cut_stretch(const Cutter *c, const uint32_t *text, Py_ssize_t length, double *best,
                              uint32_t *next, Py_ssize_t offset, uint32_t *ends)
{
    Py_ssize_t i, j, found = 0;
    int open = 0; /* Latin letters and digits that stand alone run together */
    best[length] = 0;
    for (i = length - 1; i >= 0; i--) {
        const Node *node = &c->single[text[i]];
        int any = 0;
        for (j = i; node; node = continued(c, node, text[j])) {
            j++;
            if (node->weight) {
                const double likely = c->logs[node->weight] + best[j];
                if (!any || likely >= best[i]) {
                    best[i] = likely;
                    next[i] = (uint32_t)j;
                    any = 1;
                }
            }
            if (j == length) break;
        }
        if (!any) {
            best[i] = c->unknown + best[i + 1];
            next[i] = (uint32_t)(i + 1);
        }
    }
    for (i = 0; i < length; i = next[i]) {
        const int alone = next[i] == i + 1 && is_latin(text[i]);
        if (open && !alone) ends[found++] = (uint32_t)(offset + i);
        if (!alone) ends[found++] = (uint32_t)(offset + next[i]);
        open = alone;
    }
    if (open) ends[found++] = (uint32_t)(offset + length);
    return found;
}

/* cut(text): the list of its words, which joined are the text. */
static PyObject *cutter_cut(PyObject *me, PyObject *text)
{
    const Cutter *c = (const Cutter *)me;
    uint32_t usual_codes[USUAL], usual_next[USUAL], usual_ends[USUAL];
    double usual_best[USUAL + 1];
    uint32_t *codes = usual_codes, *next = usual_next, *ends = usual_ends;
    double *best = usual_best;
    char *own = NULL;
    const void *data;
    int kind;
    Py_ssize_t length, i, j, found = 0, start = 0;
    PyObject *words;
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "give a string");
        return NULL;
    }
    length = PyUnicode_GET_LENGTH(text);
    if (length >= UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "the text is too long");
        return NULL;
    }
    if (length > USUAL) {
        const size_t size = (size_t)length + 1;
        if (!(own = PyMem_Malloc(size * (sizeof *best + 3 * sizeof *codes)))) return PyErr_NoMemory();
        best = (double *)own;
        codes = (uint32_t *)(best + size);
        next = codes + size;
        ends = next + size;
    }
    kind = PyUnicode_KIND(text);
    data = PyUnicode_DATA(text);
    for (i = 0; i < length; i++) codes[i] = PyUnicode_READ(kind, data, i);
    for (i = 0; i < length; i = j) {
        for (j = i; j < length && is_inner(codes[j]); j++) {}
        if (j > i) {
            found += cut_stretch(c, codes + i, j - i, best, next, i, ends + found);
            continue;
        }
        j = i + (codes[i] == '\r' && i + 1 < length && codes[i + 1] == '\n' ? 2 : 1);
        ends[found++] = (uint32_t)j;
    }
    if ((words = PyList_New(found))) {
        for (i = 0; i < found; start = ends[i++]) {
            PyObject *word = PyUnicode_FromKindAndData(kind, (const char *)data + start * kind, ends[i] - start);
            if (!word) {
                Py_CLEAR(words);
                break;
            }
            PyList_SET_ITEM(words, i, word);
        }
    }
    PyMem_Free(own);
    return words;
}

/* Reads lines "word frequency rest" of UTF-8; those with other characters than words may have are
 * never found and left out. Their number, or -1 with an exception set. */
static Py_ssize_t read_lines(const char *at, Py_ssize_t size, Word *words, uint16_t *codes, double *total)
{
    const char *const end = at + size;
    Py_ssize_t found = 0;
    uint32_t line;
    *total = 0;
    for (line = 1; at < end; line++) {
        const uint16_t *const begin = codes;
        uint64_t frequency = 0;
        int known = 1, digits = 0;
        while (at < end && *at != ' ' && *at != '\n') {
            uint32_t code = (unsigned char)*at++;
            int more = code >= 0xF0 ? 3 : code >= 0xE0 ? 2 : code >= 0xC0 ? 1 : 0;
            if (more) code &= 0x3FU >> more;
            for (; more && at < end; more--) code = code << 6 | ((unsigned char)*at++ & 0x3F);
            known &= is_inner(code);
            if (known) *codes++ = (uint16_t)code;
        }
        if (at < end && *at == ' ') at++;
        for (; at < end && *at >= '0' && *at <= '9' && frequency < UINT32_MAX; digits++)
            frequency = frequency * 10 + (uint64_t)(*at++ - '0');
        while (at < end && *at != '\n') at++;
        if (at < end) at++;
        if (!digits || frequency > UINT32_MAX) {
            PyErr_Format(PyExc_ValueError, "line %u of the dictionary has no frequency", line);
            return -1;
        }
        *total += (double)frequency;
        if (!known || codes == begin || codes - begin > LONGEST) codes = (uint16_t *)begin;
        else words[found++] = (Word){begin, (uint32_t)(codes - begin), (uint32_t)frequency, line};
    }
    return found;
}

static int compare_words(const void *left, const void *right)
{
    const Word *a = left, *b = right;
    uint32_t i;
    for (i = 0; i < a->size && i < b->size; i++)
        if (a->codes[i] != b->codes[i]) return a->codes[i] < b->codes[i] ? -1 : 1;
    if (a->size != b->size) return a->size < b->size ? -1 : 1;
    return a->line < b->line ? -1 : 1;
}

static int compare_numbers(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* The distinct frequencies in order, and their logarithms; their number, or -1. */
static Py_ssize_t take_weights(Cutter *c, const Word *words, Py_ssize_t count, uint32_t *distinct, double total)
{
    Py_ssize_t i, found = 0;
    const double all = log(total);
    for (i = 0; i < count; i++) distinct[i] = words[i].frequency;
    qsort(distinct, (size_t)count, sizeof *distinct, compare_numbers);
    for (i = 0; i < count; i++)
        if (!found || distinct[i] != distinct[found - 1]) distinct[found++] = distinct[i];
    if (found >= MOST_WEIGHTS) {
        PyErr_SetString(PyExc_ValueError, "the dictionary has too many different frequencies");
        return -1;
    }
    if (!(c->logs = PyMem_Malloc(((size_t)found + 1) * sizeof *c->logs))) {
        PyErr_NoMemory();
        return -1;
    }
    for (i = 0; i < found; i++) c->logs[i + 1] = log((double)distinct[i]) - all;
    c->unknown = log(1.0) - all;
    return found;
}

/* Builds the tree of sorted words, level by level. */
static int grow(Cutter *c, const Word *words, Py_ssize_t count, const uint32_t *distinct, Py_ssize_t weights)
{
    typedef struct { uint32_t from, to, depth; } Range; /* the words that begin so, and how long that is */
    size_t most = 1, made = 1, i;
    Range *ranges;
    void *smaller;
    for (i = 0; i < (size_t)count; i++) most += words[i].size;
    ranges = PyMem_Malloc(most * sizeof *ranges);
    c->nodes = PyMem_Calloc(most, sizeof *c->nodes);
    c->codes = PyMem_Calloc(most, sizeof *c->codes);
    if (!ranges || !c->nodes || !c->codes) {
        PyMem_Free(ranges);
        PyErr_NoMemory();
        return -1;
    }
    ranges[0] = (Range){0, (uint32_t)count, 0};
    for (i = 0; i < made; i++) {
        const Range r = ranges[i];
        uint32_t at = r.from, to;
        for (; at < r.to && words[at].size == r.depth; at++) { /* of equal ones the last counts */
            const uint32_t *weight = bsearch(&words[at].frequency, distinct, (size_t)weights,
                                             sizeof *distinct, compare_numbers);
            c->nodes[i].weight = *weight ? (uint16_t)(weight - distinct + 1) : 0;
        }
        c->nodes[i].first = (uint32_t)made;
        for (; at < r.to; at = to) {
            const uint16_t code = words[at].codes[r.depth];
            for (to = at; to < r.to && words[to].codes[r.depth] == code; to++) {}
            ranges[made] = (Range){at, to, r.depth + 1};
            c->codes[made++] = code;
            c->nodes[i].count++;
        }
    }
    PyMem_Free(ranges);
    for (i = 1; i <= c->nodes[0].count; i++) c->single[c->codes[i]] = c->nodes[i];
    if ((smaller = PyMem_Realloc(c->nodes, made * sizeof *c->nodes))) c->nodes = smaller;
    if ((smaller = PyMem_Realloc(c->codes, made * sizeof *c->codes))) c->codes = smaller;
    return 0;
}

static int take(Cutter *c, const char *lines, Py_ssize_t size)
{
    Py_ssize_t most = 1, count, weights, i;
    double total;
    Word *words;
    uint16_t *codes;
    uint32_t *distinct;
    int failed = -1;
    for (i = 0; i < size; i++) most += lines[i] == '\n';
    words = PyMem_Malloc((size_t)most * sizeof *words);
    codes = PyMem_Malloc((size_t)size * sizeof *codes + 1);
    distinct = PyMem_Malloc((size_t)most * sizeof *distinct);
    if (!words || !codes || !distinct) PyErr_NoMemory();
    else if ((count = read_lines(lines, size, words, codes, &total)) >= 0) {
        qsort(words, (size_t)count, sizeof *words, compare_words);
        if ((weights = take_weights(c, words, count, distinct, total)) >= 0)
            failed = grow(c, words, count, distinct, weights);
    }
    PyMem_Free(words);
    PyMem_Free(codes);
    PyMem_Free(distinct);
    return failed;
}

static void cutter_free(PyObject *me)
{
    Cutter *c = (Cutter *)me;
    PyTypeObject *type = Py_TYPE(me);
    PyMem_Free(c->nodes);
    PyMem_Free(c->codes);
    PyMem_Free(c->logs);
    type->tp_free(me);
    Py_DECREF(type);
}

static PyObject *cutter_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
    const char *lines;
    Py_ssize_t size;
    Cutter *c;
    (void)named;
    if (!PyArg_ParseTuple(args, "y#", &lines, &size)) return NULL;
    if (!(c = (Cutter *)type->tp_alloc(type, 0))) return NULL;
    if (take(c, lines, size) < 0) {
        Py_DECREF(c);
        return NULL;
    }
    return (PyObject *)c;
}

static PyMethodDef cutter_methods[] = {
    {"cut", cutter_cut, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot cutter_slots[] = {
    {Py_tp_new, cutter_new},
    {Py_tp_dealloc, cutter_free},
    {Py_tp_methods, cutter_methods},
    {Py_tp_doc, "Cutter(lines): see models/text/tokenise.py"},
    {0, NULL},
};

static PyType_Spec cutter_spec = {
    "models.text._cutter.Cutter", sizeof(Cutter), 0, Py_TPFLAGS_DEFAULT, cutter_slots,
};

static int module_exec(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&cutter_spec);
    if (!type) return -1;
    if (PyModule_AddObject(module, "Cutter", type) < 0) {
        Py_DECREF(type);
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT, "_cutter", NULL, 0, NULL, module_slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__cutter(void)
{
    return PyModuleDef_Init(&module_def);
}
