/** Taps of one polyphase branch at equal rates; the 48 → 24 kHz filter has twice as many. */
const TAPS = 40;
/** Kaiser window shape: about 75 dB of stop-band attenuation (Oppenheim & Schafer, 7.6). */
const KAISER_BETA = 7.5;
/** Cut-off as a share of the lower Nyquist frequency; the rest is the filter's transition band. */
const ROLLOFF = 0.91;

/**
 * Streaming rational resampler: a windowed-sinc low-pass, evaluated only at the output instants (polyphase).
 * Samples are floats in -1..1. `process` allocates nothing once it has seen its largest block.
 */
export class Resampler {
  private readonly up: number;
  private readonly down: number;
  private readonly taps: number;
  private readonly bank: Float32Array;
  private history: Float32Array;
  /** Next output instant, in units of 1/up input samples, counted from the start of the next block. */
  private next = 0;

  constructor(
    readonly inputRate: number,
    readonly outputRate: number,
  ) {
    const divisor = greatestCommonDivisor(inputRate, outputRate);
    this.up = outputRate / divisor;
    this.down = inputRate / divisor;
    this.taps = TAPS * Math.max(1, Math.ceil(this.down / this.up));
    this.bank = polyphaseBank(this.up, this.down, this.taps);
    this.history = new Float32Array(this.taps - 1 + 128);
  }

  /** The most samples `process` can write for a block of this length. */
  outputBound(inputLength: number): number {
    return Math.ceil((inputLength * this.up) / this.down) + 1;
  }

  /** Delay the filter adds, in seconds. */
  get delay(): number {
    return this.up === this.down ? 0 : (this.taps - 1 / this.up) / 2 / this.inputRate;
  }

  /** Writes the block's resampled form to `output` and returns how many samples that were. */
  process(input: Float32Array, output: Float32Array): number {
    if (this.up === this.down) {
      output.set(input);
      return input.length;
    }
    const { up, down, taps, bank } = this;
    const line = this.delayLine(input);
    const end = input.length * up;
    let written = 0;
    let at = this.next;
    for (; at < end; at += down) {
      const newest = Math.floor(at / up) + taps - 1;
      const branch = (at % up) * taps;
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += (bank[branch + k] as number) * (line[newest - k] as number);
      output[written++] = sum;
    }
    this.next = at - end;
    line.copyWithin(0, input.length, input.length + taps - 1);
    return written;
  }

  /** The last taps-1 inputs followed by this block. */
  private delayLine(input: Float32Array): Float32Array {
    const kept = this.taps - 1;
    if (this.history.length < kept + input.length) {
      const larger = new Float32Array(kept + input.length);
      larger.set(this.history.subarray(0, kept));
      this.history = larger;
    }
    this.history.set(input, kept);
    return this.history;
  }
}

/** Filter coefficients by branch; each branch sums to 1, so a constant stays that constant. */
function polyphaseBank(up: number, down: number, taps: number): Float32Array {
  const length = taps * up;
  const centre = (length - 1) / 2;
  const cutoff = (0.5 * ROLLOFF) / Math.max(up, down);
  const bank = new Float32Array(length);
  for (let phase = 0; phase < up; phase++) {
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      const offset = k * up + phase - centre;
      const value = sinc(2 * cutoff * offset) * kaiser(offset / (centre + 1));
      bank[phase * taps + k] = value;
      sum += value;
    }
    for (let k = 0; k < taps; k++) (bank[phase * taps + k] as number) /= sum;
  }
  return bank;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const kaiser = (x: number): number => besselI0(KAISER_BETA * Math.sqrt(1 - x * x)) / besselI0(KAISER_BETA);

/** Modified Bessel function of order 0, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
