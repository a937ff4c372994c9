"""What is asked for where the configured model is gone."""

import pytest

from pipelines.llm.catalogue import nearest


@pytest.mark.parametrize(
    ("wanted", "listed", "expected"),
    [
        ("llama3.1-8b", ("gpt-oss-120b", "llama3.1-8b"), "llama3.1-8b"),
        ("llama3.1-8b", ("gpt-oss-120b", "qwen-3.8-27b"), "qwen-3.8-27b"),
        ("llama3.1-8b", ("gpt-oss-120b", "llama-3.3-70b", "llama-4-scout-17b"), "llama-4-scout-17b"),
        ("gpt-oss-120b", ("qwen-3.8-27b", "zai-glm-4.7"), "qwen-3.8-27b"),
        ("claude-haiku-5-5", ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5"), "claude-haiku-4-5"),
        ("gpt-5.2-mini", ("gpt-5.2", "gpt-5.1-mini", "gpt-4.1-mini"), "gpt-5.1-mini"),
        ("deepseek/deepseek-flash", ("openai/gpt-oss-120b", "deepseek/deepseek-v4-pro"), "deepseek/deepseek-v4-pro"),
        ("", ("whisper-large-v3", "text-embedding-3-small", "own-model"), "own-model"),
        ("llama3.1-8b", ("llama-guard-4-8b", "whisper-large-v3"), None),
        ("llama3.1-8b", (), None),
    ],
)
def test_the_nearest(wanted, listed, expected):
    assert nearest(wanted, listed) == expected
