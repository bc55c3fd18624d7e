"""Labels by a larger model, against an endpoint that answers what the test says."""

import http.server
import json
import threading

import pytest

from models.data.corpus import read_corpus
from models.label import main

MESSAGE = {"id": "m/1", "topic": "home/attic", "payload": '{"id":"attic-7","tempF":71.3}'}
GOOD = {"readings": [{"candidate": 1, "quantity": "temperature", "unit": "[degF]"}], "device": 0, "time": None}


class Endpoint(http.server.BaseHTTPRequestHandler):
    """The chat form, with the answers of the server's list in turn."""

    def do_POST(self):
        """One answer."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers.get("Authorization"), request))
        answer = self.server.answers.pop(0)
        status = answer if isinstance(answer, int) else 200
        body = json.dumps({"choices": [{"message": {"content": answer}}]} if status == 200 else {"error": "busy"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def endpoint():
    """A server on a free port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        server.asked, server.answers = [], []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def label(endpoint, tmp_path, monkeypatch):
    """Run the command on one message with these answers: exit code, labelled records, rejected records."""
    monkeypatch.setenv("OPENAI_API_KEY", "k3y")
    messages, out = tmp_path / "messages.jsonl", tmp_path / "out.jsonl"
    messages.write_text(json.dumps(MESSAGE) + "\n")

    def run(*answers, url=f"http://127.0.0.1:{endpoint.server_port}/v1"):
        endpoint.answers = [one if isinstance(one, int | str) else json.dumps(one) for one in answers]
        monkeypatch.setattr("sys.argv", ["label", str(messages), "--url", url, "--model", "big", "--out", str(out)])
        code = main()
        rejected = tmp_path / "out.jsonl.rejected"
        return code, list(read_corpus(out)) if out.exists() else [], rejected.read_text() if rejected.exists() else ""

    return run


def test_answers_become_records_of_the_corpus(label, endpoint):
    """Literal and offset come from the payload; the model only named a candidate. A second run asks nothing."""
    code, records, rejected = label(GOOD)
    assert (code, rejected) == (0, "")
    assert records[0]["readings"] == [{"name": "tempF", "quantity": "temperature", "literal": "71.3", "start": 24, "unit": "[degF]"}]
    assert (records[0]["device"], records[0]["time"], records[0]["format"]) == ("attic-7", None, "json")
    path, key, request = endpoint.asked[0]
    assert (path, key, request["model"]) == ("/v1/chat/completions", "Bearer k3y", "big")
    assert "1: tempF = 71.3 (number)" in request["messages"][1]["content"]
    assert label()[1] == records


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("I think it is warm", "the answer"),
        ({"readings": [{"candidate": 9, "quantity": "temperature"}]}, "no candidate 9"),
        ({"readings": [{"candidate": 1, "quantity": "warmth"}]}, "'warmth' is no quantity"),
        ({"readings": [{"candidate": 1, "quantity": "temperature", "unit": "F°"}]}, "'F°' is no unit"),
        ({"readings": [{"candidate": 1, "quantity": "temperature"}] * 2}, "two labels"),
    ],
)
def test_a_wrong_answer_is_asked_for_again_and_then_rejected_with_the_reason(label, endpoint, wrong, told):
    """What was wrong is said to the model; a second mistake is kept beside the output."""
    assert label(wrong, GOOD)[1][0]["readings"]
    assert told in endpoint.asked[1][2]["messages"][-1]["content"]


def test_two_wrong_answers_are_kept_with_the_reason(label):
    """Nothing is lost."""
    code, records, rejected = label("no", "no")
    assert (code, records) == (0, [])
    assert json.loads(rejected)["id"] == "m/1"
    assert "rejected" in json.loads(rejected)


def test_an_endpoint_that_fails_ends_the_run(label, capsys):
    """The message stays to be asked again."""
    code, records, rejected = label(503)
    assert (code, records, rejected) == (1, [], "")
    assert "answered 503" in capsys.readouterr().err


def test_no_endpoint_is_said(label, capsys):
    """The error says what to correct."""
    assert label(url="http://127.0.0.1:9/v1")[0] == 1
    assert "correct --url" in capsys.readouterr().err
