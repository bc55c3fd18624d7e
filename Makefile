# Two commands do all the set-up on a machine with Python 3.11 and Debian's packages: `make demo` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CORPUS ?= $(wildcard ../shared/corpus)
RUN ?= runs/reader

.PHONY: demo test check bench model compare writer plots eval verdicts format clean corpus system-packages

$(VENV)/demo: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[demo]'
	touch $@

$(VENV)/dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

demo: $(VENV)/demo                ## broker, thirty simulated devices and the agent, live on the screen
	$(BIN)/sensorscribe demo $(DEMO_ARGS)

system-packages:                  ## what the tests need of the system: mosquitto, systemd-analyze
	@deploy/system-packages.sh

test: $(VENV)/dev system-packages ## the whole test suite
	$(BIN)/python -m pytest -q $(TEST_ARGS)

check: $(VENV)/dev                ## format, lint, types, import contracts
	$(BIN)/ruff format --check agent models simulators tests
	$(BIN)/ruff check agent models simulators tests
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev               ## rewrite in the project's format
	$(BIN)/ruff format agent models simulators tests
	$(BIN)/ruff check --fix agent models simulators tests

bench: $(VENV)/dev                ## performance, with its baseline (llama.cpp, compiled in minutes where it can be) in the same run
	@$(BIN)/python -c 'import llama_cpp' 2>/dev/null || $(BIN)/pip install --quiet --disable-pip-version-check -e '.[bench]' \
	  || echo "llama.cpp cannot be built here: the bench goes without its baseline"
	$(BIN)/python -m models.bench
	$(BIN)/python -m models.writing.bench

corpus:
	@[ -n "$(CORPUS)" ] || { echo "this needs the labelled corpus, in ../shared/corpus or CORPUS=FOLDER: it is not published with this tree" >&2; exit 1; }

SELF_DESCRIBING := json,kv,xml,text,scalar
# Of dev.jsonl: products that the generator holds, or once held; sources whose faults were looked at before kinds were added (models/README.md).
SEEN := influxdata/telegraf shelly/ kostal/ tuya/sj traccar/gpsgate
LOOKED_AT := wmbusmeters/wmbusmeters Arksine/moonraker theengs/decoder
eval: corpus $(VENV)/dev          ## F1 of the shipped artifact, by two scorers, and of the n-gram baseline (needs the corpus)
	$(BIN)/sensorscribe extract --jsonl --no-templates < $(CORPUS)/dev.jsonl > /tmp/sensorscribe-dev-readings.jsonl
	$(BIN)/python $(CORPUS)/score.py $(CORPUS)/dev.jsonl /tmp/sensorscribe-dev-readings.jsonl --formats $(SELF_DESCRIBING)
	$(BIN)/python -m models.evaluate $(CORPUS)/dev.jsonl --artifact models/reader --formats $(SELF_DESCRIBING) --reliability
	$(BIN)/python -m models.evaluate $(CORPUS)/dev.jsonl --artifact models/reader --formats $(SELF_DESCRIBING) --without $(SEEN) --reliability
	$(BIN)/python -m models.evaluate $(CORPUS)/dev.jsonl --artifact models/reader --formats $(SELF_DESCRIBING) --without $(SEEN) $(LOOKED_AT)
	$(BIN)/python -m models.evaluate $(CORPUS)/dev.jsonl --artifact models/reader
	$(BIN)/python -m models.evaluate $(CORPUS)/dev.jsonl --baseline $(CORPUS) --generated 20000 --formats $(SELF_DESCRIBING)
	$(BIN)/python -m models.evaluate $(CORPUS)/dev.jsonl --baseline $(CORPUS) --generated 20000 --formats $(SELF_DESCRIBING) --without $(SEEN)

verdicts: $(VENV)/demo            ## the shipped model on every simulated site, faults off and on: tables for simulators/README.md
	$(BIN)/sensorscribe-simulate verdicts --markdown

TRAINED := $(if $(CORPUS),--corpus $(CORPUS))
CONFIGS ?= models/configs
READER ?= models/reader
model: $(VENV)/dev                ## teacher, prune, student, settle, average, refresh, calibrate, export, evaluate: twenty minutes of a GPU, then two and a half hours on two cores; where there is no GPU, CONFIGS=models/configs/two-cores RUN=runs/small READER=runs/small-reader does it all in two hours on a fortieth of the messages (needs the corpus)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[train]'
	$(BIN)/python -m models.finetune $(CONFIGS)/teacher.toml $(TRAINED) --run $(RUN)-teacher
	$(BIN)/python -m models.prune $(RUN)-teacher $(TRAINED) --layers 16 --keep 0.224 --prompts 200 --out $(RUN)-pruned
	$(BIN)/python -m models.finetune $(CONFIGS)/cut.toml $(TRAINED) --start $(RUN)-pruned --teacher $(RUN)-teacher --run $(RUN)-cut
	$(BIN)/python -m models.finetune $(CONFIGS)/student.toml $(TRAINED) --start $(RUN)-cut --teacher $(RUN)-teacher --run $(RUN)-student
	$(BIN)/python -m models.finetune $(CONFIGS)/settle.toml $(TRAINED) --start $(RUN)-student --run $(RUN)-settled
	$(BIN)/python -m models.average $(RUN)-student $(RUN)-settled --out $(RUN)-mean
	$(BIN)/python -m models.finetune $(CONFIGS)/refresh.toml $(TRAINED) --start $(RUN)-mean --run $(RUN)
	$(if $(CORPUS),$(BIN)/python -m models.calibrate $(RUN) $(CORPUS)/dev.jsonl)
	$(BIN)/python -m models.export $(RUN) $(TRAINED) --out $(READER)
	$(BIN)/python -m models.evaluate $(CORPUS)/dev.jsonl --checkpoint $(RUN) --artifact $(READER) --formats $(SELF_DESCRIBING) --record

STEPWISE := teacher pruned cut cut-alone student student-alone
compare: corpus $(VENV)/dev       ## after `make model`: its student once more without the teacher, and the teacher pruned at one stroke down to a tenth (needs the corpus and the runs)
	$(BIN)/python -m models.finetune $(CONFIGS)/cut.toml $(TRAINED) --start $(RUN)-pruned --run $(RUN)-cut-alone
	$(BIN)/python -m models.finetune $(CONFIGS)/student.toml $(TRAINED) --start $(RUN)-cut-alone --run $(RUN)-student-alone
	rm -f $(RESULTS)/distill.jsonl $(RESULTS)/prune-teacher.jsonl
	$(foreach run,$(STEPWISE),$(BIN)/python -m models.evaluate $(CORPUS)/dev.jsonl --checkpoint $(RUN)-$(run) --formats $(SELF_DESCRIBING) \
	  --about '{"run": "$(run)"}' --results $(RESULTS)/distill.jsonl &&) true
	$(BIN)/python -m models.sweep $(RUN)-teacher $(CORPUS)/dev.jsonl $(TRAINED) --keeps 1.0 0.8 0.6 0.5 0.4 0.3 0.224 0.1 \
	  --results $(RESULTS)/prune-teacher.jsonl
	$(BIN)/python -m models.plots $(RESULTS) --out models/plots

WRITER_RUN ?= runs/writer
writer: $(VENV)/dev               ## the writer: train, prune, train on with the whole one as teacher, export, measure: forty minutes on two cores
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[train]'
	$(BIN)/python -m models.writing.train models/configs/writer.toml --run $(WRITER_RUN)-whole
	$(BIN)/python -m models.writing.prune $(WRITER_RUN)-whole --keep 0.5 --out $(WRITER_RUN)-pruned
	$(BIN)/python -m models.writing.train models/configs/writer-student.toml --start $(WRITER_RUN)-pruned --teacher $(WRITER_RUN)-whole --run $(WRITER_RUN)
	$(BIN)/python -m models.writing.export $(WRITER_RUN) --out models/writer
	$(BIN)/python -m models.writing.evaluate

RESULTS := models/results
CURVE := models/configs/curve.toml $(CORPUS)/dev.jsonl $(TRAINED) --run $(RUN)-curves --results $(RESULTS)/curve.jsonl
plots: corpus $(VENV)/dev         ## measure what the model card draws, and draw it (needs the corpus and the runs of `make model`)
	rm -f $(addprefix $(RESULTS)/,dev.jsonl prune.jsonl heal.jsonl curve.jsonl)
	$(BIN)/python -m models.evaluate $(CORPUS)/dev.jsonl --artifact models/reader --formats $(SELF_DESCRIBING) --reliability --results $(RESULTS)/dev.jsonl
	$(BIN)/python -m models.sweep $(RUN)-student $(CORPUS)/dev.jsonl $(TRAINED) --results $(RESULTS)/prune.jsonl
	$(BIN)/python -m models.soften $(RUN)-teacher $(TRAINED) --prompts 2000 --out $(RUN)-heal/soft
	$(BIN)/python -m models.sweep $(RUN)-student $(CORPUS)/dev.jsonl $(TRAINED) --results $(RESULTS)/heal.jsonl --scores obd --keeps 0.72 0.45 \
	  --heal models/configs/heal.toml --soft $(RUN)-heal/soft --runs $(RUN)-heal
	$(BIN)/python -m models.curves kinds $(CURVE) --values 100 500 2500
	$(BIN)/python -m models.curves steps $(CURVE) --values 75 300
	$(BIN)/python -m models.curves layers $(CURVE) --values 8 12 16 30
	$(BIN)/python -m models.plots $(RESULTS) --out models/plots

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
