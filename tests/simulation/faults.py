#!/usr/bin/env python3
"""Breaks the engine on purpose, one way after the other, and sees that the simulation notices.

    faults.py BUILD_DIRECTORY [--seeds N] [--only WORD]
    faults.py --texts            only sees that each edit still finds its place

Each fault is an edit of one source file. It is made on a copy, and linked into a `simulate`
of its own; the sources stay as they are. BUILD_DIRECTORY is a build in which `simulate` was built
with Ninja. Prints, as rows of the table in README.md, at which seed each fault was caught. Fails
when one was not, or when the text that an edit replaces is not there any more.
"""

import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINE = ROOT / "lib/src/engine"
SECONDS_MAX = 500

# What goes wrong and the edit: a text that occurs once in the engine, and what stands there then.
FAULTS = [
    ("State is committed before Kafka has committed",
     "    write_changelog(*running);\n",
     """    write_changelog(*running);
    std::vector<state::Environment::StoreCommit> early;
    for (const std::string& name : running->store_names) {
      early.push_back({name, running->stores->store(name).position()});
    }
    running->stores->commit({early, {}});
"""),
    ("The overlay is kept after an abort",
     "    running->stores->abort();\n", ""),
    ("Stages keep in memory what was aborted",
     "  for (RunningStage& running : stages_) running.stage->forget();\n", ""),
    ("Queued records are kept after an abort",
     "    input->queue.clear();\n", ""),
    ("A marker goes to the first partition only",
     "to < output_.partitions(running.marker_topic)", "to < 1"),
    ("No marker is written",
     "  write_markers();\n}", "}"),
    ("An aborted marker is not written again",
     "  for (RunningStage& running : stages_) running.told_any = false;\n", ""),
    ("Markers are merged by the largest time",
     "    least = std::min(least, task.reached);\n  }\n  if (any) reached_",
     "    least = least == kEndOfTime ? task.reached : std::max(least, task.reached);\n  }\n"
     "  if (any) reached_"),
    ("Markers are forgotten by a restart",
     "  upstream_ = std::move(upstream);\n", ""),
    ("Offsets are committed outside of the transaction",
     "        outcome = producer_->send_offsets(committing_positions_, "
     "consumer_->group_metadata(),\n                                          kRequestWait);\n",
     "        outcome = consumer_->commit(committing_positions_, kRequestWait);\n"),
    ("Offsets count what is queued as processed",
     "all ? std::max(processed, input.next) : processed",
     "std::max(processed, input.next)"),
    ("Restore stops one short",
     "if (record.offset >= log.end) break;", "if (record.offset + 2 >= log.end) break;"),
    ("A task that comes back is not restored",
     "running.restore->step(cluster_, *admin_, options_.batch_records_max, now_);",
     "running.task ? Result<Restore::Progress>(Restore::Progress::done)\n"
     "        : running.restore->step(cluster_, *admin_, options_.batch_records_max, now_);"),
    ("A dirty key is not written to the changelog",
     "      record.key = key;\n",
     "      if (key.size() % 5 == 4) return;\n      record.key = key;\n"),
    ("Erased keys are not written to the changelog",
     "      record.key = key;\n", "      if (!value) return;\n      record.key = key;\n"),
    ("The changelog offset of a store is ahead",
     "at.offset = std::max(at.offset, end);", "at.offset = std::max(at.offset, end + 2);"),
    ("The time of an input is not kept beside its offset",
     "      std::string state = running->task->state(number);\n", "      std::string state;\n"),
    ("Late is what the task's time says",
     "input.source.forward(input.clock.reached());", "input.source.forward(time_);"),
    ("Time is the largest of the inputs'",
     "    least = std::min(least, input->reached());\n",
     "    least = least == kEndOfTime ? input->reached() : std::max(least, input->reached());\n"),
    ("Fencing is ignored",
     "    if (!outcome.ok()) return answer(outcome, \"a commit failed\");\n",
     "    if (!outcome.ok() && outcome.fault != kafka::Fault::kFenced) {\n"
     "      return answer(outcome, \"a commit failed\");\n    }\n"),
    ("Partitions are given back without a commit",
     "void Worker::revoke() {\n  if (has_news()) {", "void Worker::revoke() {\n  if (false) {"),
    ("After an abort reading goes on where it was",
     "consumer_->seek(input.slot, input.committed)", "consumer_->seek(input.slot, input.next)"),
    ("A lost answer to a commit is taken for an abort",
     "    if (outcome.fault == kafka::Fault::kRetriable) return;\n"
     "    if (!outcome.ok()) return answer(outcome, \"a commit failed\");\n",
     "    if (outcome.fault == kafka::Fault::kRetriable) {\n"
     "      if (committing_ != Committing::transaction) return;\n"
     "      output_->transaction_ended();\n"
     "      committing_ = Committing::no;\n      rewind();\n"
     "      return;\n    }\n    if (!outcome.ok()) return answer(outcome, \"a commit failed\");\n"),
    ("A lost answer to a commit is taken for success",
     "    if (outcome.fault == kafka::Fault::kRetriable) return;\n"
     "    if (!outcome.ok()) return answer(outcome, \"a commit failed\");\n",
     "    if (outcome.fault == kafka::Fault::kRetriable) {\n"
     "      if (committing_ != Committing::transaction) return;\n      outcome = {};\n    }\n"
     "    if (!outcome.ok()) return answer(outcome, \"a commit failed\");\n"),
    ("A partition that is idle holds up the rest",
     "  if (silence_ms < idle_.count()) return false;\n", "  return silence_ms < 0;\n"),
    ("What is not committed is read",
     "  options.topics = layout_.subscription;\n",
     "  options.topics = layout_.subscription;\n"
     "  options.isolation = kafka::Isolation::kReadUncommitted;\n"),
    ("A task commits while it is being restored",
     "      running.is_at_work() && !is_held(running) && (running.task",
     "      running.task && !running.inputs.empty() && !is_held(running) && (running.task"),
    ("What a full queue did not take is forgotten",
     "outcome.fault = kafka::Fault::kAbort;\n", "return;\n"),
    ("A disk is trusted however old it is",
     "if (!is_older(kYoungMs)) return true;", "return true;"),
    ("A restore that is cut off has come further than its rows",
     "  position.offset = log.next;\n", "  position.offset = std::min(log.next + 1, log.end);\n"),
    ("Offsets are committed before the sinks have everything",
     "        if (!flush_sinks()) return;\n", ""),
    ("What a sink could not take now is forgotten",
     "  if (stale || written) lane.writing.clear();\n",
     "  if (stale || written || progress == Progress::again) lane.writing.clear();\n"),
    ("Idle though its partitions were given back",
     "return running.task && !running.inputs.empty() && running.task->caught_up() &&",
     "return running.task && running.task->caught_up() &&"),
]


def command(build, target):
    """How Ninja makes a target, as a list of words."""
    lines = subprocess.run(["ninja", "-C", build, "-t", "commands", target], check=True,
                           capture_output=True, text=True).stdout.strip().splitlines()
    words = shlex.split(lines[-1])
    if words[0] == ":":  # ": && command && :"
        words = words[2:-2]
    return words


def replace_after(words, flag, value):
    at = words.index(flag)
    return words[:at + 1] + [value] + words[at + 2:]


def file_with(text):
    files = [f for f in ENGINE.glob("*.cpp") for _ in range(f.read_text().count(text))]
    if len(files) != 1:
        sys.exit(f"the engine has changed: it holds {len(files)} times\n{text}")
    return files[0]


def unit_of(build, whole, broken):
    """What to compile in place of a file of the engine, and the target that is compiled so: the
    file, or in a unity build the one that holds it among others."""
    folder = "lib/CMakeFiles/weir.dir/Unity"
    for unity in (pathlib.Path(build) / folder).glob("*engine*.cxx"):
        text = unity.read_text()
        if f'"{whole}"' not in text:
            continue
        copy = broken.with_name(unity.name)
        copy.write_text(text.replace(f'"{whole}"', f'"{broken}"'))
        return copy, f"{folder}/{unity.name}.o"
    return broken, f"lib/CMakeFiles/weir.dir/src/engine/{whole.name}.o"


def break_engine(build, directory, old, new):
    """The path of a `simulate` with that edit."""
    whole = file_with(old)
    broken = directory / whole.name
    broken.write_text(whole.read_text().replace(old, new))
    source, target = unit_of(build, whole, broken)
    compile_words = [w for w in command(build, target) if "ccache" not in w.lower() and w != "env"]
    compile_words = replace_after(compile_words, "-o", str(directory / "broken.o"))
    compile_words = replace_after(compile_words, "-c", str(source))
    compile_words = replace_after(compile_words, "-MF", str(directory / "broken.d"))
    compile_words += ["-w"] if "Unity" in target else ["-w", "-O1"]
    subprocess.run(compile_words, check=True, cwd=build)
    program = directory / "simulate"
    link_words = replace_after(command(build, "tests/simulation/simulate"), "-o", str(program))
    link_words.insert(1, str(directory / "broken.o"))
    subprocess.run(link_words, check=True, cwd=build)
    return program


def first_failure(program, seeds):
    """The seed that fails and in a word how; None when none does."""
    try:
        run = subprocess.run([str(program), "--seeds", str(seeds), "--quiet"], text=True,
                             capture_output=True, timeout=SECONDS_MAX, errors="replace")
    except subprocess.TimeoutExpired:
        return None
    found = re.search(r"seed (\d+) (fails|aborts)", run.stdout)
    return (found.group(1), found.group(2)) if found else None


def main():
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("build", nargs="?")
    asked.add_argument("--texts", action="store_true")
    asked.add_argument("--seeds", type=int, default=5000)
    asked.add_argument("--only", default="")
    asked = asked.parse_args()
    if asked.texts:
        for _, old, _ in FAULTS:
            file_with(old)
        return 0
    missed = 0
    for name, old, new in FAULTS:
        if asked.only not in name:
            continue
        with tempfile.TemporaryDirectory() as directory:
            program = break_engine(asked.build, pathlib.Path(directory), old, new)
            found = first_failure(program, asked.seeds)
        missed += found is None
        print(f"| {name} | {found[0] if found else 'NOT CAUGHT'} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
