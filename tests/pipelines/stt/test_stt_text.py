import pytest

from pipelines.stt.text import plain_text


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ("<s> yes(2) [NOISE] no ++UM++ </s>", "yes no"),
        ("how does it work with our c r m", "how does it work with our CRM"),
        ("i am the v p of sales", "i am the VP of sales"),
        ("is it an a i or a person", "is it an AI or a person"),
        ("it's spelled s m i t h", "it's spelled SMITH"),
        ("i have a question", "i have a question"),
        ("i am a i t manager", "i am a IT manager"),
        ("mail j d at acme dot com by three p m about twenty seats", "mail jd@acme.com by 3 pm about 20 seats"),
        ("", ""),
    ],
)
def test_text_reads_as_one_would_write_it(heard: str, expected: str) -> None:
    assert plain_text(heard) == expected
