/* Reads one message against the model's table: features, look-up, sum of rows, log-odds.
 *
 * The same numbers as `models/classifier/plain.py`, which says in numpy what this says in C and
 * stands in where no compiler was at hand; a test holds both to equality, bit for bit. So the sums
 * are integers and the few operations on doubles are done in the same order (compiled without
 * contraction).
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BASE UINT64_C(0x9E3779B97F4A7C15)
#define LONGEST_WORD 32
#define MOST_COLUMNS 512
#define WAITING 128
#define MOST_SHARED 4 /* labels whose shares are asked for together */

#if defined(__GNUC__)
#define FETCH(place) __builtin_prefetch(place)
#else
#define FETCH(place) ((void)(place))
#endif

#define LINE 64
#define HUGE_PAGE ((size_t)2 << 20)

typedef struct {
    uint32_t tag; /* the lower half of the key */
    uint32_t row; /* counted from 1; 0 is an empty slot */
} Slot;

/* A feature: all of it lies in one line of the cache where there are no more than 28 columns. */
typedef struct {
    uint32_t high; /* the other half of the key */
    uint32_t seen; /* the turn in which it was counted last */
    int16_t weights[];
} Row;

typedef struct {
    PyObject_HEAD
    Py_buffer scales, intercepts;
    Slot *slots;
    char *rows;
    size_t stride; /* bytes from one row to the next */
    uint64_t mask;
    Py_ssize_t columns; /* labels and one more */
    uint32_t count, turn;
} Kernel;

/* One text while it is read: what is summed so far, or the weight that lies on each character. */
typedef struct {
    Kernel *kernel;
    int32_t sums[MOST_COLUMNS];
    uint64_t keys[WAITING]; /* of features that wait to be looked up */
    Py_ssize_t waiting;
    double *shares; /* a row of characters for each of the labels asked for */
    Py_ssize_t labels[MOST_SHARED], asked, length;
} Reading;

static inline uint64_t place_of(uint64_t key)
{
    return ((key ^ (key >> 32)) * UINT64_C(0xD6E8FEB86659FD93)) >> 20;
}

static inline Row *row_of(const Kernel *self, uint32_t row)
{
    return (Row *)(self->rows + (size_t)(row - 1) * self->stride);
}

/* The row that a key most likely has, from `place` on, which is moved on behind it; or NULL. */
static inline Row *likely(const Kernel *self, uint64_t key, uint64_t *place)
{
    for (;;) {
        const Slot *slot = &self->slots[(*place)++ & self->mask];
        if (!slot->row) return NULL;
        if (slot->tag == (uint32_t)key) return row_of(self, slot->row);
    }
}

static inline Row *find(const Kernel *self, uint64_t key)
{
    uint64_t place = place_of(key);
    Row *row;
    while ((row = likely(self, key, &place)) && row->high != (uint32_t)(key >> 32)) {}
    return row;
}

/* Looks up the waiting keys and adds their rows. Slots were fetched when the keys came, rows are
 * fetched before the first is added: what the table costs is waiting for memory. */
static void settle(Reading *r)
{
    Kernel *k = r->kernel;
    Row *rows[WAITING];
    uint64_t keys[WAITING];
    Py_ssize_t i, j, known = 0;
    for (i = 0; i < r->waiting; i++) {
        uint64_t place = place_of(r->keys[i]);
        Row *row = likely(k, r->keys[i], &place);
        if (!row) continue;
        FETCH(row);
        rows[known] = row;
        keys[known++] = r->keys[i];
    }
    for (i = 0; i < known; i++) {
        Row *row = rows[i]->high == (uint32_t)(keys[i] >> 32) ? rows[i] : find(k, keys[i]);
        if (!row || row->seen == k->turn) continue;
        row->seen = k->turn;
        for (j = 0; j < k->columns; j++) r->sums[j] += row->weights[j];
    }
    r->waiting = 0;
}

static inline void count(Reading *r, uint64_t key)
{
    if (r->waiting == WAITING) settle(r);
    FETCH(&r->kernel->slots[place_of(key) & r->kernel->mask]);
    r->keys[r->waiting++] = key;
}

static inline void share(Reading *r, uint64_t key, Py_ssize_t start, Py_ssize_t end)
{
    const Row *row = find(r->kernel, key);
    Py_ssize_t i, at;
    for (at = 0; row && at < r->asked; at++) {
        const int16_t weight = row->weights[r->labels[at]];
        double *shares = r->shares + at * r->length;
        if (weight <= 0) continue;
        for (i = start; i < end; i++) shares[i] += (double)weight / (double)(end - start);
    }
}

/* Every feature of the text in turn; what is done with each is fixed when this is inlined. */
static inline int each(Reading *r, PyObject *text, PyObject *words, int sharing)
{
    const int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    const Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    Py_ssize_t i, w, start = 0;
#define AT(index) ((uint64_t)PyUnicode_READ(kind, data, (index)))
#define FEATURE(key, from, to) \
    do { if (sharing) share(r, (key), (from), (to)); else count(r, (key)); } while (0)
    for (i = 0; i + 1 < length; i++) FEATURE(AT(i) + AT(i + 1) * BASE, i, i + 2);
    for (i = 0; i + 2 < length; i++)
        FEATURE(AT(i) + AT(i + 1) * BASE + AT(i + 2) * (BASE * BASE), i, i + 3);
    for (w = 0; words && w < PyList_GET_SIZE(words); w++) {
        PyObject *word = PyList_GET_ITEM(words, w);
        Py_ssize_t size;
        if (!PyUnicode_Check(word)) {
            PyErr_SetString(PyExc_TypeError, "words must be strings");
            return -1;
        }
        size = PyUnicode_GET_LENGTH(word);
        if (start + size > length) {
            PyErr_SetString(PyExc_ValueError, "words are longer than their text");
            return -1;
        }
        if (size <= LONGEST_WORD && size > 0) {
            uint64_t key = 0, power = 1;
            for (i = start; i < start + size; i++, power *= BASE) key += AT(i) * power;
            FEATURE(key, start, start + size);
        }
        start += size;
    }
    return 0;
#undef FEATURE
#undef AT
}

static void next_turn(Kernel *self)
{
    uint32_t i;
    if (++self->turn) return;
    for (i = 1; i <= self->count; i++) row_of(self, i)->seen = 0;
    self->turn = 1;
}

static int arguments(PyObject *const *args, Py_ssize_t given, Py_ssize_t wanted)
{
    if (given != wanted || !PyUnicode_Check(args[0]) || !PyList_Check(args[1])
        || (wanted == 4 && !PyUnicode_Check(args[2]))) {
        PyErr_SetString(PyExc_TypeError, "give a string, the list of its words, and what belongs to it");
        return -1;
    }
    return 0;
}

/* log_odds(text, words, sounding, floors): a list of doubles, or None where none is above its
 * floor. */
static PyObject *kernel_log_odds(PyObject *me, PyObject *const *args, Py_ssize_t given)
{
    Kernel *self = (Kernel *)me;
    const Py_ssize_t labels = self->columns - 1;
    const double *scales = self->scales.buf, *intercepts = self->intercepts.buf;
    double odds[MOST_COLUMNS], length;
    Reading r;
    Py_buffer floors;
    Py_ssize_t j;
    int above = 0;
    PyObject *found;
    if (arguments(args, given, 4) < 0) return NULL;
    r.kernel = self;
    r.waiting = 0;
    memset(r.sums, 0, (size_t)self->columns * sizeof(int32_t));
    next_turn(self);
    if (each(&r, args[0], args[1], 0) < 0 || each(&r, args[2], NULL, 0) < 0) return NULL;
    settle(&r);
    length = sqrt((double)r.sums[labels] * scales[labels]);
    for (j = 0; j < labels; j++) {
        odds[j] = r.sums[labels] ? (double)r.sums[j] * scales[j] / length + intercepts[j]
                                 : intercepts[j];
    }
    if (PyObject_GetBuffer(args[3], &floors, PyBUF_SIMPLE) < 0) return NULL;
    if (floors.len != labels * (Py_ssize_t)sizeof(double)) {
        PyBuffer_Release(&floors);
        PyErr_SetString(PyExc_ValueError, "floors need one double for each label");
        return NULL;
    }
    for (j = 0; j < labels; j++) above |= odds[j] > ((const double *)floors.buf)[j];
    PyBuffer_Release(&floors);
    if (!above) Py_RETURN_NONE;
    if (!(found = PyList_New(labels))) return NULL;
    for (j = 0; j < labels; j++) {
        PyObject *value = PyFloat_FromDouble(odds[j]);
        if (!value) {
            Py_DECREF(found);
            return NULL;
        }
        PyList_SET_ITEM(found, j, value);
    }
    return found;
}

/* shares(text, words, labels): for each character the positive weight that lies on it for each of a
 * tuple of labels, in units of 1, added up. */
static PyObject *kernel_shares(PyObject *me, PyObject *const *args, Py_ssize_t given)
{
    Reading r;
    Py_ssize_t i, at;
    PyObject *found = NULL;
    const double *scales = ((Kernel *)me)->scales.buf;
    if (arguments(args, given, 3) < 0) return NULL;
    if (!PyTuple_Check(args[2]) || PyTuple_GET_SIZE(args[2]) > MOST_SHARED) {
        PyErr_SetString(PyExc_TypeError, "give a tuple of a few labels");
        return NULL;
    }
    r.kernel = (Kernel *)me;
    r.asked = PyTuple_GET_SIZE(args[2]);
    r.length = PyUnicode_GET_LENGTH(args[0]);
    for (at = 0; at < r.asked; at++) {
        r.labels[at] = PyLong_AsSsize_t(PyTuple_GET_ITEM(args[2], at));
        if (PyErr_Occurred()) return NULL;
        if (r.labels[at] < 0 || r.labels[at] >= r.kernel->columns - 1) {
            PyErr_SetString(PyExc_IndexError, "no such label");
            return NULL;
        }
    }
    if (!(r.shares = PyMem_Calloc((size_t)(r.asked * r.length) + 1, sizeof(double))))
        return PyErr_NoMemory();
    if (each(&r, args[0], args[1], 1) == 0 && (found = PyList_New(r.length))) {
        for (i = 0; i < r.length; i++) {
            double sum = 0;
            PyObject *value;
            for (at = 0; at < r.asked; at++) sum += r.shares[at * r.length + i] * scales[r.labels[at]];
            if (!(value = PyFloat_FromDouble(sum))) {
                Py_CLEAR(found);
                break;
            }
            PyList_SET_ITEM(found, i, value);
        }
    }
    PyMem_Free(r.shares);
    return found;
}

/* Memory that begins a line, in huge pages where the system has them, and is zero; or NULL. */
static void *reserve(size_t size)
{
    void *found = NULL;
    const size_t round = size < HUGE_PAGE ? LINE : HUGE_PAGE;
    size = (size + round - 1) / round * round;
    if (posix_memalign(&found, round, size ? size : round)) return NULL;
#ifdef MADV_HUGEPAGE
    if (round == HUGE_PAGE) madvise(found, size, MADV_HUGEPAGE); /* advice: it may be refused */
#endif
    return memset(found, 0, size);
}

static int take(Kernel *self, const Py_buffer *keys, const Py_buffer *rows)
{
    const uint64_t *key = keys->buf;
    const int16_t *weights = rows->buf;
    const Py_ssize_t count = keys->len / 8, labels = self->columns - 1;
    uint64_t size = 16;
    Py_ssize_t i;
    if (self->columns < 1 || self->columns > MOST_COLUMNS || count > INT32_MAX
        || keys->len % 8 || rows->len != count * self->columns * 2
        || self->scales.len != self->columns * 8 || self->intercepts.len != labels * 8) {
        PyErr_SetString(PyExc_ValueError, "the parts of the table do not fit together");
        return -1;
    }
    while (size < (uint64_t)count * 3) size *= 2;
    self->mask = size - 1;
    self->count = (uint32_t)count;
    self->stride = (sizeof(Row) + (size_t)self->columns * sizeof(int16_t) + LINE - 1) / LINE * LINE;
    if (!(self->slots = reserve(size * sizeof(Slot)))
        || !(self->rows = reserve((size_t)count * self->stride))) {
        PyErr_NoMemory();
        return -1;
    }
    for (i = 0; i < count; i++) {
        uint64_t place;
        Slot *slot;
        Row *row = row_of(self, (uint32_t)(i + 1));
        if (find(self, key[i])) {
            PyErr_SetString(PyExc_ValueError, "a key stands twice");
            return -1;
        }
        for (place = place_of(key[i]); (slot = &self->slots[place & self->mask])->row; place++) {}
        *slot = (Slot){(uint32_t)key[i], (uint32_t)(i + 1)};
        row->high = (uint32_t)(key[i] >> 32);
        memcpy(row->weights, weights + i * self->columns, (size_t)self->columns * sizeof(int16_t));
    }
    return 0;
}

static void kernel_free(PyObject *me)
{
    Kernel *self = (Kernel *)me;
    PyTypeObject *type = Py_TYPE(me);
    free(self->slots);
    free(self->rows);
    if (self->scales.obj) PyBuffer_Release(&self->scales);
    if (self->intercepts.obj) PyBuffer_Release(&self->intercepts);
    type->tp_free(me);
    Py_DECREF(type);
}

static PyObject *kernel_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
    PyObject *keys, *rows, *scales, *intercepts;
    Py_buffer its_keys, its_rows;
    Kernel *self;
    int failed;
    (void)named;
    if (!PyArg_ParseTuple(args, "OOOO", &keys, &rows, &scales, &intercepts)) return NULL;
    if (!(self = (Kernel *)type->tp_alloc(type, 0))) return NULL;
    if (PyObject_GetBuffer(scales, &self->scales, PyBUF_C_CONTIGUOUS) < 0
        || PyObject_GetBuffer(intercepts, &self->intercepts, PyBUF_C_CONTIGUOUS) < 0
        || PyObject_GetBuffer(keys, &its_keys, PyBUF_C_CONTIGUOUS) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    if (PyObject_GetBuffer(rows, &its_rows, PyBUF_C_CONTIGUOUS) < 0) {
        PyBuffer_Release(&its_keys);
        Py_DECREF(self);
        return NULL;
    }
    self->columns = self->scales.len / (Py_ssize_t)sizeof(double);
    failed = take(self, &its_keys, &its_rows);
    PyBuffer_Release(&its_keys);
    PyBuffer_Release(&its_rows);
    if (failed < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static PyMethodDef kernel_methods[] = {
    {"log_odds", (PyCFunction)(void (*)(void))kernel_log_odds, METH_FASTCALL, NULL},
    {"shares", (PyCFunction)(void (*)(void))kernel_shares, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot kernel_slots[] = {
    {Py_tp_new, kernel_new},
    {Py_tp_dealloc, kernel_free},
    {Py_tp_methods, kernel_methods},
    {Py_tp_doc, "Kernel(keys, rows, scales, intercepts): see models/classifier/plain.py"},
    {0, NULL},
};

static PyType_Spec kernel_spec = {
    "models.classifier._kernel.Kernel", sizeof(Kernel), 0, Py_TPFLAGS_DEFAULT, kernel_slots,
};

static int module_exec(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&kernel_spec);
    if (!type) return -1;
    if (PyModule_AddObject(module, "Kernel", type) < 0) {
        Py_DECREF(type);
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT, "_kernel", NULL, 0, NULL, module_slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void)
{
    return PyModuleDef_Init(&module_def);
}
