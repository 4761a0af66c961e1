/* Tells texts in which nothing can be found from those that must be looked at: `models/match/gate.py`
 * says what is asked and why. Over 300 lines because the questions share what one pass gathers.
 *
 * The gate may always say "look": then the whole path is taken, which alone decides. It must never
 * say "nothing" where that path finds something; a test holds it to that over corpus and attacks. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include "automaton.h"

#define MOST 250 /* characters; a byte tells their places */
#define MOST_PLAIN 64 /* topic words and excuses of one text */
#define LONGEST_GAP 3
#define SHORTEST_SOUND 3
#define ENOUGH_ALIKE 4
#define LONGEST_LATIN 40
#define LONGEST_SYLLABLE 6
#define FEWEST_SURPLUS 2
#define SHORTEST_CODE 12
#define LONGEST_PIECE 3
#define FEWEST_PIECES 3
#define FEWEST_SPELT 4

/* As in gate.py. */
enum {
    KNOWN = 1, ALNUM = 2, IDEOGRAPH = 4, LETTER = 8, SEPARATOR = 16, SPACE = 32, SYMBOL = 64,
    PARTING = 128, LATIN = 256, LIKE_LETTER = 512, ODD = 1024, COMMON = 2048, UNCLEAR = 4096,
    CODED = 8192, CODE = 16384, HEX_GAP = 32768, LIKE_DIGIT = 65536, TONE = 131072,
    HEX = 524288, KEPT = 1048576,
    BEGINS = 2097152, /* a symbol for a word may begin with it */
    SEVERAL = 262144 /* reads as none or several characters: `folded` is a place in `several` */
};
enum { TOPIC = 1, ENTRY = 2, CONTAINS = 4, SPLIT = 8, TURNED = 16, STRETCHED = 32, CONTEXT = 64 };

/* What is known of a character; `root` is where patterns that begin with it go on. */
typedef struct {
    uint32_t flags, folded, sound, root;
} Char;

typedef struct {
    PyObject_HEAD
    PyObject *describe, *parts, *several;
    Char *pages[0x110000 >> 8];
    Automaton compact, sounding, symbols;
    PyObject *kinds, *forms; /* bytes; tuple of the compact forms of `sounding` */
    uint32_t *made;          /* by number of `compact`, what a split makes */
    uint64_t *labels;        /* and the labels of its topic words, a bit each */
    Map pairs, syllables;
    Map looks;               /* by character, where in `likes` what it looks like begins */
    PyObject *likes;         /* str: for each of these characters those, and a zero */
} Gate;

/* One text while it is looked at; places are those of its folded view. */
typedef struct {
    Gate *gate;
    Py_ssize_t length, letters, sounds;
    Char chars[MOST];
    uint32_t codes[MOST], compact[MOST], sound[MOST];
    uint8_t at[MOST];         /* of each character of the compact view */
    uint8_t sound_at[MOST];   /* of each of the sounding view; MOST is a syllable spelt */
    uint8_t word[MOST], word_end[MOST]; /* of each character */
    uint8_t edges[MOST + 1];
    uint8_t dropped[MOST]; /* what the closed view leaves out, where `drops` */
    int drops, begins;     /* whether anything is dropped, and a symbol for a word may begin */
    uint64_t topics;       /* the labels of topic words, a bit each */
    Py_ssize_t plain;      /* how many topic words and excuses of the context there are */
    uint32_t plain_numbers[MOST_PLAIN];
    uint8_t plain_starts[MOST_PLAIN], plain_ends[MOST_PLAIN], plain_apart[MOST_PLAIN];
} Text;

static const Char *describe(Gate *g, uint32_t code)
{
    Char **page = &g->pages[code >> 8], *found;
    PyObject *said, *folded, *sound;
    unsigned long flags;
    if (!*page && !(*page = PyMem_Calloc(256, sizeof(Char)))) {
        PyErr_NoMemory();
        return NULL;
    }
    found = &(*page)[code & 255];
    if (found->flags) return found;
    if (!(said = PyObject_CallFunction(g->describe, "k", (unsigned long)code))) return NULL;
    if (!PyArg_ParseTuple(said, "UUk", &folded, &sound, &flags)) {
        Py_DECREF(said);
        return NULL;
    }
    found->flags = KNOWN | (uint32_t)flags;
    if (PyUnicode_GET_LENGTH(folded) == 1) found->folded = PyUnicode_READ_CHAR(folded, 0);
    else {
        found->flags |= SEVERAL;
        found->folded = (uint32_t)PyList_GET_SIZE(g->several);
        if (PyList_Append(g->several, folded) < 0) {
            found->flags = 0;
            Py_DECREF(said);
            return NULL;
        }
    }
    if (PyUnicode_GET_LENGTH(sound) == 1) found->sound = PyUnicode_READ_CHAR(sound, 0);
    else if (PyUnicode_GET_LENGTH(sound) > 1) found->flags |= UNCLEAR;
    Py_DECREF(said);
    found->root = child_of(&g->compact, 0, code);
    if (child_of(&g->symbols, 0, code)) found->flags |= BEGINS;
    return found;
}

static inline const Char *char_of(Gate *g, uint32_t code)
{
    const Char *page = g->pages[code >> 8];
    return page && page[code & 255].flags ? &page[code & 255] : describe(g, code);
}

/* Whether there is a run of what codes of text are written with: twelve signs of base64, or six
 * times two of hexadecimals, each two with or without a gap behind them. */
static int may_be_code(const Char **chars, Py_ssize_t length)
{
    Py_ssize_t i, j, run = 0;
    int pair;
    for (i = 0; i < length; i++) {
        run = chars[i]->flags & CODE ? run + 1 : 0;
        if (run == SHORTEST_CODE) return 1;
        if (i + SHORTEST_CODE > length || !(chars[i]->flags & HEX)) continue;
        for (j = i, pair = 0; 2 * pair < SHORTEST_CODE; pair++) {
            if (j + 1 >= length || !(chars[j]->flags & HEX) || !(chars[j + 1]->flags & HEX)) break;
            j += 2;
            if (j < length && chars[j]->flags & HEX_GAP) j++;
        }
        if (2 * pair == SHORTEST_CODE) return 1;
    }
    return 0;
}

/* Whether three characters stand each by itself in a row, or three runs of one to three with more
 * than spaces after each: what `models/text/pieces.py` looks at. -1 by an error. */
static int may_be_pieces(Gate *g, const uint32_t *folded, Py_ssize_t size)
{
    Py_ssize_t i, run = LONGEST_PIECE + 1; /* the first run has no gap before it */
    Py_ssize_t size_of_run = LONGEST_PIECE;
    int singles = 0, pieces = 0, after = 0; /* whether the gap after the run is more than spaces */
    for (i = 0; i < size; i++) {
        const Char *found = char_of(g, folded[i]);
        if (!found) return -1;
        if (found->flags & ALNUM) {
            if (i && !(char_of(g, folded[i - 1])->flags & ALNUM)) {
                if (!after) pieces = 0;
                run = after = 0;
                size_of_run = 0;
            }
            size_of_run++;
            run = found->flags & IDEOGRAPH && run <= LONGEST_PIECE ? run + 1 : LONGEST_PIECE + 1;
            continue;
        }
        if (i && char_of(g, folded[i - 1])->flags & ALNUM) {
            singles = size_of_run == 1 ? singles + 1 : 0;
            if (run > LONGEST_PIECE) pieces = 0;
            if (singles == FEWEST_PIECES) return 1;
        }
        if (!after && folded[i] != ' ') {
            after = 1;
            if (run <= LONGEST_PIECE && ++pieces == FEWEST_PIECES) return 1;
        }
    }
    return 0;
}

static PyObject *to_text(const uint32_t *codes, Py_ssize_t size, uint32_t largest)
{
    PyObject *found = PyUnicode_New(size, largest);
    Py_ssize_t i;
    for (i = 0; found && i < size; i++)
        PyUnicode_WRITE(PyUnicode_KIND(found), PyUnicode_DATA(found), i, codes[i]);
    return found;
}

/* fold(text): the folded view; None where something must be undone before, or it is too long. */
static PyObject *gate_fold(PyObject *me, PyObject *text)
{
    Gate *g = (Gate *)me;
    const Char *chars[MOST];
    uint32_t folded[MOST], largest = 0;
    Py_ssize_t i, j, length, size = 0;
    int kind, pieces, same = 1;
    const void *data;
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "give a string");
        return NULL;
    }
    length = PyUnicode_GET_LENGTH(text);
    if (length > MOST) Py_RETURN_NONE;
    kind = PyUnicode_KIND(text);
    data = PyUnicode_DATA(text);
    for (i = 0; i < length; i++) {
        const uint32_t code = PyUnicode_READ(kind, data, i);
        if (!(chars[i] = char_of(g, code))) return NULL;
        if (chars[i]->flags & (UNCLEAR | CODED) || code == '\t') Py_RETURN_NONE;
        if (chars[i]->flags & SEVERAL) {
            PyObject *parts = PyList_GET_ITEM(g->several, chars[i]->folded);
            if (size + PyUnicode_GET_LENGTH(parts) > MOST) Py_RETURN_NONE;
            for (j = 0; j < PyUnicode_GET_LENGTH(parts); j++) {
                folded[size] = PyUnicode_READ_CHAR(parts, j);
                if (folded[size] > largest) largest = folded[size];
                size++;
            }
            same = 0;
            continue;
        }
        if (size == MOST) Py_RETURN_NONE;
        folded[size] = chars[i]->folded;
        same &= folded[size] == code;
        if (folded[size] > largest) largest = folded[size];
        size++;
    }
    if (may_be_code(chars, length)) Py_RETURN_NONE;
    if ((pieces = may_be_pieces(g, folded, size)) < 0) return NULL;
    if (pieces) Py_RETURN_NONE;
    if (same) {
        Py_INCREF(text);
        return text;
    }
    return to_text(folded, size, largest);
}

/* Whether letters in rows may hide a word: 看看房 hides none, 赌赌赌博 does, and so do three rows of two
 * one beside the other. */
static int may_be_stretched(const Text *t)
{
    const Automaton *a = &t->gate->compact;
    const uint8_t *kinds = (const uint8_t *)PyBytes_AS_STRING(t->gate->kinds);
    uint8_t starts[MOST], ends[MOST]; /* of each row, in the compact view */
    Py_ssize_t rows = 0, pairs = 0, surplus = 0, i;
    uint32_t node = 0, end;
    for (i = 0; i < t->letters; i++) {
        if (rows && t->compact[i] == t->compact[i - 1] && t->chars[t->at[i]].flags & LETTER) {
            ends[rows - 1] = (uint8_t)(i + 1);
            surplus++;
            if (t->chars[t->at[i]].flags & KEPT) continue;
            if (ends[rows - 1] - starts[rows - 1] > 2 || ++pairs > 2) return 1;
            continue;
        }
        if (rows && ends[rows - 1] - starts[rows - 1] == 1) pairs = 0;
        starts[rows] = (uint8_t)i;
        ends[rows++] = (uint8_t)(i + 1);
    }
    if (surplus < FEWEST_SURPLUS) return 0;
    for (i = 0; i < rows; i++) {
        node = step(a, node, t->compact[starts[i]]);
        for (end = first_end(a, node); end; end = a->nodes[end].shorter) {
            const Py_ssize_t size = a->nodes[end].depth;
            if (kinds[a->nodes[end].pattern] & STRETCHED
                && ends[i] - starts[i + 1 - size] - size >= FEWEST_SURPLUS) return 1;
        }
    }
    return 0;
}

/* Whether what stands between letters may hide a word: 1 if so, and 0 if not; 2 where words must say
 * whether it parts one. Spaces between ideographs hide one for certain: they are `dropped`. */
static int may_be_parted(Text *t)
{
    Py_ssize_t i, j;
    int parting = 0, singles = 0, symbols = 0;
    int gaps = 0, odd = 0; /* around single letters in a row: how many, and the last odd one of them */
    for (i = 0; i < t->length; i = j) {
        uint32_t all = ~UINT32_C(0), any = 0;
        int before, after, spaces;
        for (j = i; j < t->length && !(t->chars[j].flags & ALNUM); j++) {
            all &= t->chars[j].flags;
            any |= t->chars[j].flags;
        }
        if (j == i) { /* a second letter in a row ends a chain of single ones */
            if (i && t->chars[i - 1].flags & ALNUM) gaps = 0;
            j = i + 1;
            continue;
        }
        before = i > 0 && t->chars[i - 1].flags & IDEOGRAPH;
        after = j < t->length && t->chars[j].flags & IDEOGRAPH;
        spaces = before && after && all & SPACE;
        gaps++;
        if (!spaces) odd = gaps;
        else if (gaps == 1) odd = 0;
        if (gaps >= 3 && odd > gaps - 3) return 1; /* three gaps around two single letters */
        if (before && after) {
            parting |= (any & PARTING) != 0;
            singles |= t->edges[i - 1] && t->edges[i] && t->edges[j] && t->edges[j + 1];
        }
        if (spaces) {
            memset(t->dropped + i, 1, (size_t)(j - i));
            t->drops = 1;
        }
        symbols |= before && after && any & SYMBOL && !(any & SEPARATOR);
    }
    return symbols || (parting && singles) ? 2 : 0;
}

/* Whether Latin letters may be other letters or digits in disguise. */
static int may_be_letters(const Text *t)
{
    Py_ssize_t i, j;
    for (i = 0; i < t->length; i++) {
        if (t->chars[i].flags & LIKE_LETTER) return 1;
        if (!(t->chars[i].flags & LATIN)) continue;
        for (j = i + 1; j < t->length && t->chars[j].flags & LIKE_DIGIT; j++) {}
        if (j > i + 1 && j < t->length && t->chars[j].flags & LATIN) return 1;
    }
    return 0;
}

/* Writes the syllables of a Latin word behind the sounds; 0 where it is none of syllables, the
 * longest first that leave a rest of syllables, and 2 where a letter but e is one by itself. */
static int spell(Text *t, Py_ssize_t from, Py_ssize_t to)
{
    uint32_t symbols[LONGEST_LATIN + 1] = {0};
    uint8_t sizes[LONGEST_LATIN + 1] = {0};
    Py_ssize_t i, size, length = to - from;
    int lone = 0;
    for (i = length - 1; i >= 0; i--) {
        uint64_t key = 0;
        for (size = 1; size <= LONGEST_SYLLABLE && i + size <= length; size++) {
            uint32_t symbol;
            key = key << 5 | (t->codes[from + i + size - 1] - 'a' + 1);
            if ((i + size == length || sizes[i + size])
                && (symbol = map_get(&t->gate->syllables, key))) {
                symbols[i] = symbol;
                sizes[i] = (uint8_t)size;
            }
        }
    }
    if (!sizes[0]) return 0;
    for (i = 0; i < length; i += sizes[i]) {
        if (sizes[i] == 1 && t->codes[from + i] != 'e') lone = 1;
        t->sound_at[t->sounds] = MOST;
        t->sound[t->sounds++] = symbols[i];
    }
    return 1 + lone;
}

/* Writes the sounding view; 0 where syllables may be written with their tones as digits, or so many
 * are spelt that `models/match/pinyin.py` reads them. */
static int sound(Text *t)
{
    Py_ssize_t i, j, tones = 0, spelt = 0, run = 0, end = -2; /* the last run of syllables */
    for (i = 1; i < t->length; i++) {
        if (t->chars[i].flags & TONE && t->chars[i - 1].flags & LATIN && ++tones > 1) return 0;
        if (!(t->chars[i].flags & (LATIN | TONE))) tones = 0;
    }
    t->sounds = 0;
    for (i = 0; i < t->length; i = j) {
        for (j = i; j < t->length && t->chars[j].flags & LATIN; j++) {}
        if (j - i > LONGEST_LATIN) return 0;
        if (j > i) {
            const Py_ssize_t before = t->sounds;
            const int spells = spell(t, i, j);
            if (spells) {
                const Py_ssize_t size = t->sounds - before;
                if (spells == 1) {
                    run = end + 1 == i && t->codes[end] == ' ' ? run + size : size;
                    if (run > 1) spelt += run > size && run - size == 1 ? run : size;
                    if (spelt >= FEWEST_SPELT) return 0;
                    end = j;
                }
                if (j - i > 1) continue;
                t->sounds = before; /* a letter by itself is none of the sounding view */
            }
        }
        if (j == i) j++;
        for (; i < j; i++) {
            if (!t->chars[i].sound) continue;
            t->sound_at[t->sounds] = (uint8_t)i;
            t->sound[t->sounds++] = t->chars[i].sound;
        }
    }
    return 1;
}

/* Whether entries, excuses or parts of characters stand there that must be looked at. */
static int search_compact(Text *t)
{
    const Gate *g = t->gate;
    const uint8_t *kinds = (const uint8_t *)PyBytes_AS_STRING(g->kinds);
    uint8_t part_starts[MOST + 1] = {0}, part_ends[MOST + 1] = {0};
    Py_ssize_t i, e;
    uint32_t node = 0, end;
    int covers = 0;
    t->topics = 0;
    t->plain = 0;
    for (i = 0; i < t->letters; i++) {
        node = step_from(&g->compact, node, t->compact[i], t->chars[t->at[i]].root);
        for (end = first_end(&g->compact, node); end; end = g->compact.nodes[end].shorter) {
            const uint32_t number = g->compact.nodes[end].pattern;
            const Py_ssize_t size = g->compact.nodes[end].depth, start = i + 1 - size;
            const Py_ssize_t first = t->at[start], last = t->at[i] + 1;
            const uint8_t kind = kinds[number];
            if (kind & SPLIT) {
                const uint64_t made = g->made[number];
                if ((start && map_get(&g->pairs, (uint64_t)t->compact[start - 1] << 21 | made))
                    || (i + 1 < t->letters && map_get(&g->pairs, made << 21 | t->compact[i + 1]))
                    || part_ends[start] || part_starts[i + 1]) return 1;
                part_starts[start] = part_ends[i + 1] = 1;
            }
            const int apart = t->edges[first] && t->edges[last];
            if ((kind & TOPIC && apart) || kind & CONTEXT) {
                if (t->plain == MOST_PLAIN) return 1;
                t->plain_numbers[t->plain] = number;
                t->plain_starts[t->plain] = (uint8_t)first;
                t->plain_ends[t->plain] = (uint8_t)last;
                t->plain_apart[t->plain++] = (uint8_t)apart;
            }
            if (!apart) continue;
            if (kind & ENTRY) return 1;
            if (kind & TOPIC) {
                if (last - first != size) return 1; /* something stands inside */
                t->topics |= g->labels[number];
            }
            covers |= kind & CONTAINS;
            if (kind & TURNED) {
                Py_ssize_t inner = 0;
                for (e = first + 1; e < last; e++) inner += t->edges[e];
                if (2 * inner >= size) return 1;
            }
        }
    }
    return covers && t->topics;
}

/* Whether what stands at a place of the sounding view may be an entry by its sound: the guards of
 * `models/match/guesses.py`. */
static int may_sound(const Text *t, PyObject *form, Py_ssize_t start)
{
    const Py_ssize_t size = PyUnicode_GET_LENGTH(form);
    const Py_ssize_t first = t->sound_at[start], last = t->sound_at[start + size - 1] + 1;
    Py_ssize_t i, j, changed = 0, odd = 0, same;
    for (i = 0; i < size; i++) {
        if (t->sound_at[start + i] == MOST) return 1;
        changed += t->codes[t->sound_at[start + i]] != PyUnicode_READ_CHAR(form, i);
    }
    if (!changed) return 0;
    same = size - changed;
    if (size == SHORTEST_SOUND && same < 2) return 0;
    for (i = 1; i < size; i++) {
        const Py_ssize_t from = t->sound_at[start + i - 1] + 1, to = t->sound_at[start + i];
        if (to - from > LONGEST_GAP) return 0;
        for (j = from; j < to; j++)
            if (t->chars[j].flags & SEPARATOR) return 0;
    }
    for (i = 0; i < size; i++) {
        const Py_ssize_t place = t->sound_at[start + i];
        if (t->codes[place] == PyUnicode_READ_CHAR(form, i)) continue;
        if (t->word[place] < first || t->word_end[place] > last) return 0;
        if (t->word_end[place] - t->word[place] == 1) odd += !(t->chars[place].flags & COMMON);
        else odd += same >= ENOUGH_ALIKE;
    }
    return 2 * odd >= changed;
}

static int search_sounds(const Text *t)
{
    const Automaton *a = &t->gate->sounding;
    uint32_t node = 0, end;
    Py_ssize_t i;
    for (i = 0; i < t->sounds; i++) {
        node = step(a, node, t->sound[i]);
        for (end = first_end(a, node); end; end = a->nodes[end].shorter) {
            PyObject *form = PyTuple_GET_ITEM(t->gate->forms, a->nodes[end].pattern);
            if (may_sound(t, form, i + 1 - PyUnicode_GET_LENGTH(form))) return 1;
        }
    }
    return 0;
}

/* Whether a symbol stands for a word. */
static int search_symbols(const Text *t)
{
    uint32_t node = 0;
    Py_ssize_t i;
    if (!t->begins) return 0;
    for (i = 0; i < t->length; i++) {
        node = step(&t->gate->symbols, node, t->codes[i]);
        if (first_end(&t->gate->symbols, node)) return 1;
    }
    return 0;
}

/* What may stand at a place of the compact view: the character, and those that it looks like. */
static Py_ssize_t options(const Text *t, const uint8_t *odd, Py_ssize_t i, uint32_t *found, Py_ssize_t most)
{
    PyObject *likes = t->gate->likes;
    Py_ssize_t size = 0, at;
    uint32_t other;
    if (i < 0 || i >= t->letters) return 0;
    found[size++] = t->compact[i];
    if (odd[i])
        for (at = map_get(&t->gate->looks, t->compact[i]) - 1;
             size < most && (other = PyUnicode_READ_CHAR(likes, at)); at++) found[size++] = other;
    return size;
}

static int has_pair(const Gate *g, uint32_t left, uint32_t right)
{
    return map_get(&g->pairs, (uint64_t)left << 21 | right) != 0;
}

/* Whether an entry stands there once look-alikes are put right beside what an entry has there:
 * what `Rewriter.shapes` and the guards of `Guesses` ask. */
static int may_look_alike(const Text *t)
{
    const Gate *g = t->gate;
    const uint8_t *kinds = (const uint8_t *)PyBytes_AS_STRING(g->kinds);
    uint8_t odd[MOST] = {0}, changed[MOST] = {0};
    uint32_t meant[MOST], mine[MOST], before[MOST], after[MOST], node = 0, end;
    Py_ssize_t i, j, k, befores, afters, mines, any = 0;
    for (i = 0; i < t->letters; i++) {
        const Py_ssize_t place = t->at[i];
        for (j = 0; t->chars[place].flags & ODD && j < t->length; j++)
            if (t->codes[j] == t->codes[place] && t->edges[j] && t->edges[j + 1]) odd[i] = 1;
        any |= odd[i];
    }
    if (!any) return 0;
    any = 0;
    for (i = 0; i < t->letters; i++) {
        int best = 0;
        meant[i] = t->compact[i];
        if (!odd[i]) continue;
        befores = options(t, odd, i - 1, before, MOST);
        afters = options(t, odd, i + 1, after, MOST);
        mines = options(t, odd, i, mine, MOST);
        for (j = 1; j < mines; j++) {
            int left = 0, right = 0;
            for (k = 0; k < befores && !left; k++) left = has_pair(g, before[k], mine[j]);
            for (k = 0; k < afters && !right; k++) right = has_pair(g, mine[j], after[k]);
            if (left + right > best) {
                best = left + right;
                meant[i] = mine[j];
                any = changed[i] = 1;
            }
        }
    }
    if (!any) return 0;
    for (i = 0; i < t->letters; i++) {
        node = step(&g->compact, node, meant[i]);
        for (end = first_end(&g->compact, node); end; end = g->compact.nodes[end].shorter) {
            const Py_ssize_t size = g->compact.nodes[end].depth;
            Py_ssize_t count = 0;
            for (j = i + 1 - size; j <= i; j++) count += changed[j];
            if (count && size - count >= (count > 2 ? count : 2)
                && kinds[g->compact.nodes[end].pattern] & (TOPIC | ENTRY)) return 1;
        }
    }
    return 0;
}

/* Gathers what the questions need; 0 where the words are not those of the text or it is not clear how
 * it sounds, -1 by an error. */
static int gather(Text *t, PyObject *folded, PyObject *words)
{
    const int kind = PyUnicode_KIND(folded);
    const void *data = PyUnicode_DATA(folded);
    Py_ssize_t i, w, start = 0;
    t->length = PyUnicode_GET_LENGTH(folded);
    t->letters = 0;
    t->drops = t->begins = 0;
    memset(t->dropped, 0, sizeof t->dropped);
    for (i = 0; i < t->length; i++) {
        const Char *found = char_of(t->gate, t->codes[i] = PyUnicode_READ(kind, data, i));
        if (!found) return -1;
        t->chars[i] = *found;
        if (found->flags & UNCLEAR) return 0;
        t->begins |= (found->flags & BEGINS) != 0;
        if (found->flags & ALNUM) {
            t->at[t->letters] = (uint8_t)i;
            t->compact[t->letters++] = t->codes[i];
        }
    }
    memset(t->edges, 0, sizeof t->edges);
    t->edges[0] = 1;
    for (w = 0; w < PyList_GET_SIZE(words); w++) {
        PyObject *word = PyList_GET_ITEM(words, w);
        const Py_ssize_t end = start + (PyUnicode_Check(word) ? PyUnicode_GET_LENGTH(word) : MOST);
        if (end > t->length) return 0;
        for (i = start; i < end; i++) {
            t->word[i] = (uint8_t)start;
            t->word_end[i] = (uint8_t)end;
        }
        t->edges[end] = 1;
        start = end;
    }
    return start == t->length;
}

/* Topic words and excuses of the context: the number of each, its span of the folded view, and
 * whether it stands between two words. */
static PyObject *tell_plain(const Text *t)
{
    PyObject *found = PyTuple_New(t->plain);
    Py_ssize_t i;
    for (i = 0; found && i < t->plain; i++) {
        PyObject *one = Py_BuildValue("(IiiO)", (unsigned int)t->plain_numbers[i],
                                      (int)t->plain_starts[i], (int)t->plain_ends[i],
                                      t->plain_apart[i] ? Py_True : Py_False);
        if (!one) Py_CLEAR(found);
        else PyTuple_SET_ITEM(found, i, one);
    }
    return found;
}

/* look(folded, words): None where the text must be looked at; else the closed view, how it sounds,
 * the labels of topic words in it, a bit each, and where these and excuses of the context stand. */
static PyObject *gate_look(PyObject *me, PyObject *const *args, Py_ssize_t given)
{
    Text t;
    Py_ssize_t i, size = 0;
    int found, parted;
    uint32_t largest = 0, most = 0;
    PyObject *closed, *sounding, *labels, *plain, *answer = NULL;
    if (given != 2 || !PyUnicode_Check(args[0]) || !PyList_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "give a string and the list of its words");
        return NULL;
    }
    if (PyUnicode_GET_LENGTH(args[0]) > MOST) Py_RETURN_NONE;
    t.gate = (Gate *)me;
    found = gather(&t, args[0], args[1]);
    if (found < 0) return NULL;
    if (!found || (parted = may_be_parted(&t)) == 1 || may_be_stretched(&t) || may_be_letters(&t)
        || !sound(&t) || search_compact(&t) || search_symbols(&t) || may_look_alike(&t)
        || search_sounds(&t)) Py_RETURN_NONE;
    if (parted) {
        PyObject *said = PyObject_CallFunctionObjArgs(t.gate->parts, args[0], args[1], NULL);
        parted = said ? PyObject_IsTrue(said) : -1;
        Py_XDECREF(said);
        if (parted < 0) return NULL;
        if (parted) Py_RETURN_NONE;
    }
    for (i = 0; i < t.sounds; i++)
        if (t.sound[i] > largest) largest = t.sound[i];
    if (t.drops) {
        for (i = 0; i < t.length; i++) {
            if (t.dropped[i]) continue;
            if (t.codes[i] > most) most = t.codes[i];
            t.codes[size++] = t.codes[i];
        }
        closed = to_text(t.codes, size, most);
    } else closed = Py_NewRef(args[0]);
    sounding = to_text(t.sound, t.sounds, largest);
    labels = PyLong_FromUnsignedLongLong(t.topics);
    plain = tell_plain(&t);
    if (closed && sounding && labels && plain) answer = PyTuple_Pack(4, closed, sounding, labels, plain);
    Py_XDECREF(closed);
    Py_XDECREF(sounding);
    Py_XDECREF(labels);
    Py_XDECREF(plain);
    return answer;
}

static int take_pairs(Map *map, PyObject *pairs)
{
    Py_ssize_t i;
    for (i = 0; i < PyList_GET_SIZE(pairs); i++) {
        PyObject *pair = PyList_GET_ITEM(pairs, i);
        if (!PyUnicode_Check(pair) || PyUnicode_GET_LENGTH(pair) != 2) {
            PyErr_SetString(PyExc_ValueError, "give strings of two characters");
            return -1;
        }
        if (map_put(map, (uint64_t)PyUnicode_READ_CHAR(pair, 0) << 21 | PyUnicode_READ_CHAR(pair, 1), 1) < 0) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return 0;
}

/* `likes` is one string: each character, those that it looks like, and a zero behind them. */
static int take_likes(Map *map, PyObject *likes)
{
    const Py_ssize_t length = PyUnicode_GET_LENGTH(likes);
    Py_ssize_t i;
    int begins = 1;
    if (length && PyUnicode_READ_CHAR(likes, length - 1)) {
        PyErr_SetString(PyExc_ValueError, "look-alikes must end with a zero");
        return -1;
    }
    for (i = 0; i < length; i++) {
        const uint32_t code = PyUnicode_READ_CHAR(likes, i);
        if (begins && code && map_put(map, code, (uint32_t)i + 2) < 0) {
            PyErr_NoMemory();
            return -1;
        }
        begins = !code;
    }
    return 0;
}

static int take_syllables(Map *map, PyObject *syllables)
{
    PyObject *name, *symbol;
    Py_ssize_t at = 0, i;
    while (PyDict_Next(syllables, &at, &name, &symbol)) {
        uint64_t key = 0;
        for (i = 0; i < PyUnicode_GET_LENGTH(name); i++)
            key = key << 5 | (PyUnicode_READ_CHAR(name, i) - 'a' + 1);
        if (map_put(map, key, PyUnicode_READ_CHAR(symbol, 0)) < 0) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return 0;
}

static void gate_free(PyObject *me)
{
    Gate *g = (Gate *)me;
    PyTypeObject *type = Py_TYPE(me);
    size_t i;
    for (i = 0; i < sizeof g->pages / sizeof *g->pages; i++) PyMem_Free(g->pages[i]);
    automaton_free(&g->compact);
    automaton_free(&g->sounding);
    automaton_free(&g->symbols);
    map_free(&g->pairs);
    map_free(&g->looks);
    Py_XDECREF(g->likes);
    map_free(&g->syllables);
    PyMem_Free(g->made);
    PyMem_Free(g->labels);
    Py_XDECREF(g->several);
    Py_XDECREF(g->describe);
    Py_XDECREF(g->parts);
    Py_XDECREF(g->kinds);
    Py_XDECREF(g->forms);
    type->tp_free(me);
    Py_DECREF(type);
}

static PyObject *gate_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
    PyObject *describe, *parts, *patterns, *kinds, *made, *labels, *sounding, *forms, *symbols, *pairs, *likes;
    PyObject *syllables;
    Gate *g;
    Py_ssize_t i;
    (void)named;
    if (!PyArg_ParseTuple(
            args, "OOO!SUSO!O!O!O!UO!", &describe, &parts, &PyList_Type, &patterns, &kinds, &made, &labels,
            &PyList_Type, &sounding, &PyTuple_Type, &forms, &PyList_Type, &symbols,
            &PyList_Type, &pairs, &likes, &PyDict_Type, &syllables)) return NULL;
    if (PyBytes_GET_SIZE(kinds) != PyList_GET_SIZE(patterns)
        || PyUnicode_GET_LENGTH(made) != PyList_GET_SIZE(patterns)
        || PyBytes_GET_SIZE(labels) != PyList_GET_SIZE(patterns) * (Py_ssize_t)sizeof *g->labels
        || PyTuple_GET_SIZE(forms) != PyList_GET_SIZE(sounding)) {
        PyErr_SetString(PyExc_ValueError, "the parts of the gate do not fit together");
        return NULL;
    }
    if (!(g = (Gate *)type->tp_alloc(type, 0))) return NULL;
    g->describe = Py_NewRef(describe);
    g->parts = Py_NewRef(parts);
    g->kinds = Py_NewRef(kinds);
    g->forms = Py_NewRef(forms);
    g->likes = Py_NewRef(likes);
    if (!(g->several = PyList_New(0))) goto failed;
    if (!(g->made = PyMem_Calloc((size_t)PyList_GET_SIZE(patterns) + 1, sizeof *g->made))
        || !(g->labels = PyMem_Calloc((size_t)PyList_GET_SIZE(patterns) + 1, sizeof *g->labels))) {
        PyErr_NoMemory();
        goto failed;
    }
    for (i = 0; i < PyList_GET_SIZE(patterns); i++) g->made[i] = PyUnicode_READ_CHAR(made, i);
    memcpy(g->labels, PyBytes_AS_STRING(labels), (size_t)PyBytes_GET_SIZE(labels));
    for (i = 0; i < PyTuple_GET_SIZE(forms); i++)
        if (PyUnicode_GET_LENGTH(PyTuple_GET_ITEM(forms, i))
            != PyUnicode_GET_LENGTH(PyList_GET_ITEM(sounding, i))) {
            PyErr_SetString(PyExc_ValueError, "a form sounds longer than it is");
            goto failed;
        }
    if (automaton_build(&g->compact, patterns) < 0 || automaton_build(&g->sounding, sounding) < 0
        || automaton_build(&g->symbols, symbols) < 0 || take_pairs(&g->pairs, pairs) < 0
        || take_likes(&g->looks, likes) < 0 || take_syllables(&g->syllables, syllables) < 0) goto failed;
    return (PyObject *)g;
failed:
    Py_DECREF(g);
    return NULL;
}

static PyMethodDef gate_methods[] = {
    {"fold", gate_fold, METH_O, NULL},
    {"look", (PyCFunction)(void (*)(void))gate_look, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot gate_slots[] = {
    {Py_tp_new, gate_new},
    {Py_tp_dealloc, gate_free},
    {Py_tp_methods, gate_methods},
    {Py_tp_doc, "Gate(describe, parts, patterns, kinds, made, labels, sounding, forms, symbols, pairs, "
                "likes, syllables): see models/match/gate.py"},
    {0, NULL},
};

static PyType_Spec gate_spec = {
    "models.match._gate.Gate", sizeof(Gate), 0, Py_TPFLAGS_DEFAULT, gate_slots,
};

static int module_exec(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&gate_spec);
    if (!type) return -1;
    if (PyModule_AddObject(module, "Gate", type) < 0) {
        Py_DECREF(type);
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT, "_gate", NULL, 0, NULL, module_slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__gate(void)
{
    return PyModuleDef_Init(&module_def);
}
