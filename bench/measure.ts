/** One figure of a bench, against what it is held to. */
export type Figure = {
  what: string;
  /** Median milliseconds of the bare thing, and of ours. Null where the figure is no ratio. */
  bareMs: number | null;
  oursMs: number;
  /** The most it may be: times the bare one, or milliseconds. */
  atMost: { ratio: number } | { ms: number };
};

/** The median of `times`. */
export function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

// A process that serves has been running for longer than this; before, the compiler is measured.
const warmUp = 100;

/**
 * Runs both in turn on the same samples, so that whatever else the machine does falls on both, after a warm-up that
 * is not counted.
 */
export async function compare<Sample>(
  what: string,
  samples: readonly Sample[],
  bare: (sample: Sample) => Promise<unknown>,
  ours: (sample: Sample) => Promise<unknown>,
  ratio: number,
): Promise<Figure> {
  const bareTimes: number[] = [];
  const ourTimes: number[] = [];
  const before = samples.slice(0, warmUp);
  for (const [n, sample] of [...before, ...samples].entries()) {
    const [bareMs, oursMs] = [await timed(() => bare(sample)), await timed(() => ours(sample))];
    if (n < before.length) continue;
    bareTimes.push(bareMs);
    ourTimes.push(oursMs);
  }
  return { what, bareMs: median(bareTimes), oursMs: median(ourTimes), atMost: { ratio } };
}

/** Is the figure within what it is held to? */
export function isWithin({ bareMs, oursMs, atMost }: Figure): boolean {
  return "ms" in atMost ? oursMs <= atMost.ms : oursMs / (bareMs ?? Number.NaN) <= atMost.ratio;
}

/** The figure as a line of the report. */
export function lineOf(figure: Figure): string {
  const { what, bareMs, oursMs, atMost } = figure;
  const mark = isWithin(figure) ? "ok  " : "OVER";
  const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
  const held = "ms" in atMost ? `at most ${ms(atMost.ms)}` : `at most ${atMost.ratio} x`;
  const ratio = bareMs === null ? "" : ` against ${ms(bareMs)} bare: ${(oursMs / bareMs).toFixed(2)} x`;
  return `${mark}  ${what}: ${ms(oursMs)}${ratio} (${held})`;
}
