"""Settings: frozen values grouped by theme, read once from the environment and ``.env``."""

from agent_server.settings.calendar import CalendarSettings
from agent_server.settings.call_audio import CallAudioSettings
from agent_server.settings.campaigns import CampaignSettings
from agent_server.settings.crm import CrmSettings
from agent_server.settings.deadlines import DeadlineSettings
from agent_server.settings.listing import SettingLine, list_settings
from agent_server.settings.models import ModelSettings
from agent_server.settings.privacy import PrivacySettings
from agent_server.settings.process import ProcessSettings
from agent_server.settings.reading import Settings, SettingsError, load_settings, read_settings
from agent_server.settings.speech import SpeechSettings
from agent_server.settings.telemetry import TelemetrySettings
from agent_server.settings.telephony import TelephonySettings
from agent_server.settings.webhooks import WebhookSettings
from agent_server.settings.webrtc import WebRtcSettings

__all__ = [
    "CalendarSettings",
    "CallAudioSettings",
    "CampaignSettings",
    "CrmSettings",
    "DeadlineSettings",
    "ModelSettings",
    "PrivacySettings",
    "ProcessSettings",
    "SettingLine",
    "Settings",
    "SettingsError",
    "SpeechSettings",
    "TelemetrySettings",
    "TelephonySettings",
    "WebRtcSettings",
    "WebhookSettings",
    "list_settings",
    "load_settings",
    "read_settings",
]
