// Pages of `weir explain`: YAML and structure.
#include <array>

#include "job/codes.h"

namespace weir::job {

namespace {

constexpr auto kYamlPages = std::to_array<CodePage>({
    {"E001", "the file is not YAML",
     "YAML could not read the file at this place. The message says what the line looks like; these "
     "are\n"
     "the usual reasons:\n"
     "\n"
     "  filter: 'a' == status     a value that starts with a quote ends at the next one: status == "
     "'a'\n"
     "  filter: > 5               '>' starts a block of text: amount > 5\n"
     "  filter: a ? b : c         write: case when a then b else c end\n"
     "  {when: x in ('A', 'B')}   inside {} a comma belongs to YAML: put the expression on its own "
     "line\n"
     "  {uri: ${X}}               inside {} a brace belongs to YAML: put the value on its own "
     "line\n"},
    {"E002", "a key is there twice",
     "Most YAML readers keep one of the two without a word, and not all the same one. weir refuses "
     "the\n"
     "file. Remove one of them, or give it another name.\n"},
    {"E003", "merge keys are not supported",
     "'<<: *name' copies the keys of another map in some YAML readers. Others, also the one weir "
     "is\n"
     "built on, read it as a key called '<<'. Write the keys out. A value that repeats can be a\n"
     "parameter:\n"
     "\n"
     "  params: {limit: 15m}        and then   within: ${param:limit}\n"},
    {"E004", "YAML reads this as a tag",
     "A word with '!' before it is a tag: YAML drops it, and an empty value is left.\n"
     "\n"
     "  filter: !paid               is empty\n"
     "  filter: not paid            is what was meant\n"
     "  topic: '!name'              a text that starts with '!' needs quotes\n"},
    {"E005", "YAML cuts this expression in two",
     "Inside {} and [] a comma ends the value, so\n"
     "\n"
     "  set: {total: round(a, 2)}   is read as two keys, 'total: round(a' and '2)'\n"
     "\n"
     "Put the expression on its own line:\n"
     "\n"
     "  set:\n"
     "    total: round(a, 2)\n"},
    {"E006", "anchors and aliases are not supported",
     "'&name' and '*name' let a file repeat a part of itself. Messages about such a part could "
     "name the\n"
     "wrong line, so weir refuses both. Write the value again, or use a parameter under "
     "'params'.\n"},
    {"E007", "the file cannot be read as text",
     "The file is too long (512 KiB), nested too deeply (64 levels), has too many keys in one map\n"
     "(5000), is not UTF-8, or starts with a byte order mark. A job is a short text in UTF-8; save "
     "it again as\n"
     "that.\n"},
    {"E008", "a key must be a word",
     "A key of a map is a list, a map or nothing here. In a job all keys are words:\n"
     "\n"
     "  [a, b]: 1                   is no key\n"
     "  by: [a, b]                  was meant perhaps\n"},
    {"E009", "a second document follows",
     "'---' starts a new document. One file holds one job: put the second one into a file of its "
     "own.\n"
     "weir run takes several files.\n"},
    {"E101", "a key is not known",
     "The language has no such key at this place. The message lists those that it has, and the one "
     "that\n"
     "looks most like it. Keys are indented below what they belong to; a key in the wrong column "
     "often\n"
     "ends up in the wrong map.\n"},
    {"E102", "a key is missing",
     "This map cannot do without the key. The hint says what it is for.\n"},
    {"E103", "the value has the wrong form",
     "A map, a list or a single value is wanted here, and something else stands there:\n"
     "\n"
     "  streams: orders             'streams' is a map of names\n"
     "  steps: {filter: a > 1}      'steps' is a list: '- filter: a > 1'\n"},
    {"E104", "the value is not one of those allowed",
     "The key takes a few words, a number, a duration, a size or another form, and this is none of "
     "it.\n"
     "\n"
     "  durations   200ms  10s  15m  24h  7d        never a bare number\n"
     "  sizes       512MiB  10GiB\n"
     "  shares      5%  0.1%\n"
     "  ranges      100ms..10s\n"},
    {"E106", "a step has exactly one key",
     "A step is a verb with what it needs, and each has its own dash:\n"
     "\n"
     "  steps:\n"
     "    - filter: amount > 0\n"
     "    - dedupe: {by: order_id, within: 24h}\n"},
    {"E107", "a step is not known",
     "The language has no such verb. 'filter' and 'require' keep records, 'set', 'select' and "
     "'unset'\n"
     "change fields, 'key' and 'explode' change records, 'dedupe', 'join' and 'aggregate' remember "
     "some,\n"
     "'log' writes a line.\n"},
    {"E108", "this cannot be a name",
     "Names of streams, pipelines, fields and parameters have letters, digits and '_' and start "
     "with a\n"
     "letter, since expressions use them; words of expressions such as 'and' or 'case' are taken. "
     "Topics\n"
     "have letters, digits, '.', '_' and '-', at most 249 of them. The name of a job has a-z, 0-9 "
     "and '-'.\n"},
    {"E110", "the version of the language",
     "A job says in its first line which language it is written in. There is one so far:\n"
     "\n"
     "  weir: 1\n"},
    {"E111", "these two do not go together",
     "Two keys exclude each other, or one needs another that is not there: a pipeline has 'to' or\n"
     "'route'; an entry of a route is 'when' with 'to', or 'otherwise' at the end; the answer "
     "'dlq' needs\n"
     "the topic 'dlq' under 'errors'.\n"},
    {"E112", "something is empty",
     "The key is there, but nothing behind it. Fill it in or remove the key.\n"},
    {"E120", "not part of this version",
     "The language has a word for this, but this version of weir cannot do it. In its place:\n"
     "\n"
     "  tables, join with one   join a stream: 'type: left' with a 'within' as long as rows may be "
     "old\n"
     "  top                     write all groups, and let the reader of the topic sort\n"
     "  keep: last              aggregate: {by: id, window: {gap: 15m}, fields: {x: last(x)}}\n"
     "  longest                 a session without it ends at the first gap\n"
     "  offset                  windows start at midnight UTC\n"
     "  emit: {every: 5s}       emit: on_update, or on_close\n"
     "  format: string, bytes   format: json\n"
     "  standbys                a task that moves restores its state from the changelog\n"
     "  max_size                state grows as the disk allows; weir state and /metrics show it\n"
     "  dashboard               /metrics, for Prometheus and Grafana\n"},
    {"W005", "a comment cuts the expression",
     "' #' starts a comment in YAML, also in the middle of an expression:\n"
     "\n"
     "  filter: a == 1 #b           is a == 1\n"
     "\n"
     "Put two blanks before a comment to show that it is one, or the expression between quotes.\n"},
});

}  // namespace

std::span<const CodePage> yaml_pages() { return kYamlPages; }

}  // namespace weir::job
