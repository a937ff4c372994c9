import { CaptureProcessor } from "./capture";
import { CAPTURE_PROCESSOR, PLAYBACK_PROCESSOR } from "./messages";
import { PlaybackProcessor } from "./playback";

registerProcessor(CAPTURE_PROCESSOR, CaptureProcessor);
registerProcessor(PLAYBACK_PROCESSOR, PlaybackProcessor);
