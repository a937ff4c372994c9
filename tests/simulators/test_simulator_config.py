import pytest

from simulators.config import SimulatorConfig, load_config, parse_config, updated_script
from simulators.delays import Constant
from simulators.errors import ConfigError
from simulators.faults import Fault
from simulators.script import Reply, Rule, Script


def test_an_empty_document_is_the_default():
    assert parse_config("") == parse_config("{}") == SimulatorConfig()


def test_switches_are_laid_over_the_document():
    document = '{"delays": {"a.x": {"type": "constant", "value": 1}}, "faults": [{"provider": "a", "kind": "drop"}]}'
    config = parse_config(document, delays="a.x=2;b.y=3", faults="b:refuse")
    assert config.delays == {"a.x": Constant(2), "b.y": Constant(3)}
    assert config.faults == (Fault("a", "drop"), Fault("b", "refuse"))


@pytest.mark.parametrize("document", ["[", '{"sed": 1}', '{"faults": [{"provider": "a", "kind": "boom"}]}'])
def test_a_broken_document_is_refused(document):
    with pytest.raises(ConfigError, match="configuration"):
        parse_config(document)


def test_a_file_is_read(tmp_path):
    (tmp_path / "simulators.json").write_text('{"seed": 9}')
    assert load_config(tmp_path / "simulators.json").seed == 9
    assert load_config(None, delays="a.x=1").delays == {"a.x": Constant(1)}


def test_a_script_is_updated_field_by_field():
    script = Script(sentences=("one",), replies=(Reply("kept"),))
    changed = updated_script(script, {"sentences": ["two"], "rules": [{"reply": {"text": "hi"}, "when": "x"}]})
    assert changed == Script(sentences=("two",), replies=(Reply("kept"),), rules=(Rule(Reply("hi"), when="x"),))


@pytest.mark.parametrize("fields", [{"sentence": []}, {"sentences": "one"}, {"rules": [{"when": "x"}]}])
def test_a_script_that_makes_no_sense_is_refused(fields):
    with pytest.raises(ConfigError, match="script"):
        updated_script(Script(), fields)
