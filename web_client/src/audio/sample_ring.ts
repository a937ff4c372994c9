/**
 * Ring of PCM16 samples. It starts small and doubles when needed, up to `maxSamples`;
 * past that bound `write` takes what fits and leaves the rest.
 */
export class SampleRing {
  private samples: Int16Array;
  private head = 0;
  private count = 0;

  constructor(
    initialSamples: number,
    private readonly maxSamples: number,
  ) {
    this.samples = new Int16Array(Math.min(initialSamples, maxSamples));
  }

  get length(): number {
    return this.count;
  }

  /** Appends and returns how many samples were taken. */
  write(source: Int16Array): number {
    this.reserve(this.count + source.length);
    const taken = Math.min(source.length, this.samples.length - this.count);
    const start = (this.head + this.count) % this.samples.length;
    const first = Math.min(taken, this.samples.length - start);
    this.samples.set(source.subarray(0, first), start);
    this.samples.set(source.subarray(first, taken), 0);
    this.count += taken;
    return taken;
  }

  /** Takes the oldest sample; only to be called while `length` > 0. */
  shift(): number {
    const value = this.samples[this.head] as number;
    this.head = this.head + 1 === this.samples.length ? 0 : this.head + 1;
    this.count--;
    return value;
  }

  clear(): void {
    this.head = 0;
    this.count = 0;
  }

  private reserve(wanted: number): void {
    let capacity = this.samples.length;
    while (capacity < wanted && capacity < this.maxSamples) capacity = Math.min(capacity * 2, this.maxSamples);
    if (capacity === this.samples.length) return;
    const larger = new Int16Array(capacity);
    const first = Math.min(this.count, this.samples.length - this.head);
    larger.set(this.samples.subarray(this.head, this.head + first), 0);
    larger.set(this.samples.subarray(0, this.count - first), first);
    this.samples = larger;
    this.head = 0;
  }
}
