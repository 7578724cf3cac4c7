const STEPS = [1, 2, 5, 10];

/** Round values from 0 to the maximum or a little more, at most six of them. Counts are whole numbers. */
export function valueTicks(max: number): number[] {
  const rough = Math.max(1, max / 4);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(Math.max(1, max) / step) + 1 }, (_, index) => index * step);
}

/** The positions that get a label: the first and others at equal distances, at most `most`. */
export function labeledPositions(count: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
}
