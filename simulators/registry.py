"""Which providers there are. To add one: a file with a class that fits ``simulation.Provider``, and a line here."""

from simulators.apollo import Apollo
from simulators.brave import Brave
from simulators.browserbase import Browserbase
from simulators.cartesia.provider import Cartesia
from simulators.chat.anthropic import Anthropic
from simulators.chat.cerebras import Cerebras
from simulators.chat.deepseek import DeepSeek
from simulators.chat.ollama import Ollama
from simulators.chat.openai import OpenAI
from simulators.chat.openrouter import OpenRouter
from simulators.chat.runpod import RunPod
from simulators.close.provider import Close
from simulators.company_site import CompanySite
from simulators.deepgram.provider import Deepgram
from simulators.linkedin import LinkedIn
from simulators.simulation import Provider
from simulators.telnyx.provider import Telnyx
from simulators.twilio.provider import Twilio

PROVIDERS: tuple[type[Provider], ...] = (
    Deepgram,
    Cartesia,
    Cerebras,
    Anthropic,
    DeepSeek,
    OpenRouter,
    OpenAI,
    Ollama,
    RunPod,
    Close,
    Apollo,
    LinkedIn,
    Browserbase,
    Brave,
    CompanySite,
    Twilio,
    Telnyx,
)
