"""What the console's TypeScript says of the API is what the API says of itself."""

import re
from pathlib import Path

from agent_server.api.registry import RESOURCES
from agent_server.web.openapi import document

TYPES = Path(__file__).parents[3] / "web_client" / "src" / "console" / "api" / "types"
_INTERFACE = re.compile(
    r"^(?:export )?interface (\w+)(?:<\w+>)?(?: extends \w+)? \{\n(.*?)^\}", re.MULTILINE | re.DOTALL
)
_FIELD = re.compile(r"^  (\w+)\??:", re.MULTILINE)
OUR_NAMES = {
    "Page": "Page_ListedConversation_",
    "ConversationSummary": "ListedConversation",
    "LeadRecord": "Lead",
    "Cost": "DayCost",
    "ImportProgress": "ImportReport",
    "KnownDocument": "Document",
    "OperatorAct": "ShownAct",
}


def test_every_field_the_console_reads_is_in_the_document() -> None:
    schemas = document(RESOURCES, version="1")["components"]["schemas"]
    interfaces = _INTERFACE.findall("".join(file.read_text(encoding="utf-8") for file in sorted(TYPES.glob("*.ts"))))
    assert len(interfaces) > 20
    wrong = []
    for name, body in interfaces:
        schema = schemas.get(OUR_NAMES.get(name, name))
        if schema is None:
            wrong.append(f"{name}: no such schema")
        else:
            wrong += [f"{name}.{field}" for field in _FIELD.findall(body) if field not in schema["properties"]]
    assert wrong == []
