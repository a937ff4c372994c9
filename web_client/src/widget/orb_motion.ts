import type { Phase } from "../conversation/phase";

type Colour = readonly [number, number, number];

interface Mood {
  inner: Colour;
  outer: Colour;
  /** Deviation from a circle at rest, as a share of the radius, and how much loudness adds. */
  wobble: number;
  gain: number;
  /** Turns of the surface pattern, radians a second. */
  speed: number;
}

const IRIS: Colour = [122, 104, 255];
const VIOLET: Colour = [78, 56, 214];
const TEAL: Colour = [38, 196, 180];
const BLUE: Colour = [58, 110, 245];
const PINK: Colour = [240, 110, 200];
const AMBER: Colour = [250, 176, 72];
const CORAL: Colour = [240, 104, 84];
const MIST: Colour = [160, 162, 180];
const SLATE: Colour = [104, 106, 126];

const MOODS: Record<Phase, Mood> = {
  idle: { inner: IRIS, outer: VIOLET, wobble: 0.025, gain: 0, speed: 0.5 },
  connecting: { inner: IRIS, outer: BLUE, wobble: 0.045, gain: 0, speed: 2.2 },
  ready: { inner: IRIS, outer: VIOLET, wobble: 0.03, gain: 0, speed: 0.7 },
  listening: { inner: TEAL, outer: BLUE, wobble: 0.03, gain: 0.1, speed: 1.1 },
  thinking: { inner: IRIS, outer: PINK, wobble: 0.055, gain: 0, speed: 2.6 },
  speaking: { inner: PINK, outer: VIOLET, wobble: 0.035, gain: 0.12, speed: 1.5 },
  interrupted: { inner: AMBER, outer: TEAL, wobble: 0.04, gain: 0.1, speed: 1.4 },
  reconnecting: { inner: MIST, outer: SLATE, wobble: 0.04, gain: 0, speed: 1.6 },
  error: { inner: CORAL, outer: SLATE, wobble: 0.015, gain: 0, speed: 0.2 },
};

/** Time constants of easing, in seconds: moods blend, loudness follows fast up and slower down. */
const BLEND_S = 0.28;
const RISE_S = 0.04;
const FALL_S = 0.18;

/** Loudness as it is felt, 0..1, of a root mean square: -52 dB is nothing, -14 dB is all. */
export function felt(rms: number): number {
  if (rms <= 0) return 0;
  return Math.min(1, Math.max(0, (20 * Math.log10(rms) + 52) / 38));
}

/** Where the orb's surface is in its motion; moved on frame by frame. */
export class OrbMotion {
  inner: Colour = MOODS.idle.inner;
  outer: Colour = MOODS.idle.outer;
  wobble = 0;
  /** Scale of the radius: grows a little with loudness. */
  scale = 1;
  angle = 0;
  level = 0;

  /** `seconds` since the last step; `rms` of whoever is speaking. */
  step(phase: Phase, rms: number, seconds: number): void {
    const mood = MOODS[phase];
    const loud = felt(rms);
    this.level = ease(this.level, loud, seconds, loud > this.level ? RISE_S : FALL_S);
    this.wobble = ease(this.wobble, mood.wobble + mood.gain * this.level, seconds, RISE_S);
    this.scale = ease(this.scale, 1 + (mood.gain > 0 ? 0.1 * this.level : 0), seconds, RISE_S);
    this.inner = blend(this.inner, mood.inner, seconds);
    this.outer = blend(this.outer, mood.outer, seconds);
    this.angle = (this.angle + seconds * mood.speed * (1 + this.level)) % (20 * Math.PI);
  }

  /** Reduced motion: colours and size only. */
  still(): void {
    this.wobble = 0;
    this.angle = 0;
  }
}

const ease = (from: number, to: number, seconds: number, constant: number): number =>
  from + (to - from) * (1 - Math.exp(-seconds / constant));

const blend = (from: Colour, to: Colour, seconds: number): Colour => [
  ease(from[0], to[0], seconds, BLEND_S),
  ease(from[1], to[1], seconds, BLEND_S),
  ease(from[2], to[2], seconds, BLEND_S),
];
