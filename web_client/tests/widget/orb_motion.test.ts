import { expect, it } from "vitest";
import { felt, OrbMotion } from "../../src/widget/orb_motion";

it("feels loudness in decibels, between nothing and all", () => {
  expect(felt(0)).toBe(0);
  expect(felt(0.001)).toBe(0);
  expect(felt(0.02)).toBeGreaterThan(0.3);
  expect(felt(0.9)).toBe(1);
});

it("swells with sound while somebody speaks, and not otherwise", () => {
  const swell = (phase: "speaking" | "idle", level: number): number => {
    const motion = new OrbMotion();
    for (let i = 0; i < 60; i++) motion.step(phase, level, 1 / 60);
    return motion.wobble;
  };
  expect(swell("speaking", 0.3)).toBeGreaterThan(swell("speaking", 0) * 2);
  expect(swell("idle", 0.3)).toBeCloseTo(swell("idle", 0), 6);
});

it("goes from one colour to another without a jump", () => {
  const motion = new OrbMotion();
  let before = motion.inner;
  for (let i = 0; i < 120; i++) {
    motion.step("error", 0, 1 / 60);
    for (let part = 0; part < 3; part++) {
      expect(Math.abs((motion.inner[part] as number) - (before[part] as number))).toBeLessThan(12);
    }
    before = motion.inner;
  }
});

it("comes out the same at any frame rate", () => {
  const at = (rate: number): OrbMotion => {
    const motion = new OrbMotion();
    for (let i = 0; i < rate; i++) motion.step("listening", 0.1, 1 / rate);
    return motion;
  };
  expect(at(60).scale).toBeCloseTo(at(15).scale, 3);
});
