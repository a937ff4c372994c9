"""The prices of speech that hold for this server."""

from agent_server.settings import SettingsError, SpeechSettings
from pipelines.speech_usage.prices import SpeechPriceList, read_speech_prices


def speech_price_list(speech: SpeechSettings) -> SpeechPriceList:
    """Raises SettingsError for a file that is none of prices."""
    if speech.speech_prices_file is None:
        return SpeechPriceList()
    try:
        return SpeechPriceList(read_speech_prices(speech.speech_prices_file))
    except (OSError, ValueError) as error:
        raise SettingsError([f"SPEECH_PRICES_FILE: {error}"]) from error
