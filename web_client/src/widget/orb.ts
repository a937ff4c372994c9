import type { Phase } from "../conversation/phase";
import { OrbMotion } from "./orb_motion";

const POINTS = 72;
/** Calm phases need few pictures; sound wants all the screen gives. */
const CALM_INTERVAL_MS = 50;
const STILL_INTERVAL_MS = 150;
const MAX_PIXEL_RATIO = 2;

/** What to show just now. */
export interface OrbInput {
  phase: Phase;
  /** Root mean square of whoever is speaking. */
  level: number;
}

/** The living orb: three soft layers on a canvas, drawn only while it can be seen. */
export class Orb {
  private readonly motion = new OrbMotion();
  private readonly pen: CanvasRenderingContext2D | null;
  private readonly calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  private frame = 0;
  private drawnAt = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly input: () => OrbInput,
  ) {
    this.pen = canvas.getContext("2d");
  }

  start(): void {
    if (this.frame || !this.pen) return;
    this.drawnAt = performance.now();
    this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  private tick(now: number): void {
    this.frame = requestAnimationFrame((next) => this.tick(next));
    const { phase, level } = this.input();
    const busy = phase === "speaking" || phase === "listening" || phase === "thinking" || phase === "interrupted";
    const interval = this.calm.matches ? STILL_INTERVAL_MS : busy ? 0 : CALM_INTERVAL_MS;
    if (now - this.drawnAt < interval) return;
    this.motion.step(phase, level, Math.min(0.2, (now - this.drawnAt) / 1000));
    if (this.calm.matches) this.motion.still();
    this.drawnAt = now;
    this.draw();
  }

  private draw(): void {
    const { canvas, pen, motion } = this;
    if (!pen) return;
    const ratio = Math.min(MAX_PIXEL_RATIO, window.devicePixelRatio || 1);
    const size = Math.round(canvas.clientWidth * ratio);
    if (canvas.width !== size) {
      canvas.width = size;
      canvas.height = size;
    }
    pen.clearRect(0, 0, size, size);
    const radius = size * 0.33 * motion.scale;
    this.layer(size, radius * 1.16, motion.angle * 0.7, 0.16);
    this.layer(size, radius * 1.06, -motion.angle * 0.9 + 2, 0.3);
    this.layer(size, radius, motion.angle, 1);
  }

  private layer(size: number, radius: number, angle: number, alpha: number): void {
    const { pen, motion } = this;
    if (!pen) return;
    const centre = size / 2;
    this.outline(centre, radius, angle);
    const light = pen.createRadialGradient(
      centre - radius * 0.35,
      centre - radius * 0.45,
      radius * 0.08,
      centre,
      centre,
      radius * 1.15,
    );
    light.addColorStop(0, rgb(lighter(motion.inner), alpha));
    light.addColorStop(0.45, rgb(motion.inner, alpha));
    light.addColorStop(1, rgb(motion.outer, alpha));
    pen.fillStyle = light;
    pen.fill();
  }

  /** A closed curve through points that swing around a circle in three slow waves. */
  private outline(centre: number, radius: number, angle: number): void {
    const { pen, motion } = this;
    if (!pen) return;
    pen.beginPath();
    for (let i = 0; i <= POINTS; i++) {
      const at = (i / POINTS) * 2 * Math.PI;
      const swing =
        0.5 * Math.sin(2 * at + angle) + 0.32 * Math.sin(3 * at - angle * 1.3) + 0.18 * Math.sin(5 * at + angle * 1.9);
      const reach = radius * (1 + motion.wobble * swing);
      pen.lineTo(centre + reach * Math.cos(at), centre + reach * Math.sin(at));
    }
    pen.closePath();
  }
}

const rgb = ([red, green, blue]: readonly number[], alpha: number): string =>
  `rgba(${Math.round(red ?? 0)},${Math.round(green ?? 0)},${Math.round(blue ?? 0)},${alpha})`;

const lighter = (colour: readonly number[]): number[] => colour.map((part) => part + (255 - part) * 0.55);
