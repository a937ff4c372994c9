/** An axis from 0 in round steps. */
export interface Axis {
  top: number;
  ticks: number[];
}

const STEPS = [1, 2, 2.5, 5, 10];

/** The axis that holds `most` in about `parts` round steps. */
export function axisUpTo(most: number, parts = 4): Axis {
  const rough = Math.max(most, Number.MIN_VALUE) / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10);
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  return { top: count * step, ticks: Array.from({ length: count + 1 }, (_, index) => index * step) };
}

/** A value, and how many there are of it. */
export interface Counted {
  value: number;
  count: number;
}

export interface Spread {
  axis: Axis;
  /** How many lie in each of equal parts of the axis. */
  bins: number[];
  /** How many lie beyond the axis, and the largest of them. */
  beyond: number;
}

/** Where an outlier would leave the rest no room, the axis ends at this many times the 95th percentile. */
const CUT = 3;

/** How values spread over the axis, from 0 on. `p95` and `worst` are of the same values. */
export function spreadOf(values: readonly Counted[], p95: number, worst: number, parts: number): Spread {
  const axis = axisUpTo(Math.max(1, Math.min(worst, CUT * p95)));
  const bins = Array.from({ length: parts }, () => 0);
  let beyond = 0;
  for (const { value, count } of values) {
    if (value > axis.top) beyond += count;
    else {
      const index = Math.min(parts - 1, Math.floor((value / axis.top) * parts));
      bins[index] = (bins[index] ?? 0) + count;
    }
  }
  return { axis, bins, beyond };
}
