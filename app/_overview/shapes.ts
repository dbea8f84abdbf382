/** A series over time: one value for each of the days, which are shared. */
export type Series = { key: string; values: number[] };

/** The values of `keys` on each day there is; a day without a value keeps the one before it. Pure. */
export function seriesOf(
  history: { day: string; key: string; value: number }[],
  keys: readonly string[],
): { days: string[]; series: Series[] } {
  const days = [...new Set(history.map((row) => row.day))].sort();
  const values = new Map(history.map((row) => [`${row.day} ${row.key}`, row.value]));
  const series = keys.map((key) => {
    let last = 0;
    return {
      key,
      values: days.map((day) => {
        last = values.get(`${day} ${key}`) ?? last;
        return last;
      }),
    };
  });
  return { days, series };
}

/** Places of days between 0 and 100, by their distance in time. */
export function placesOf(days: readonly string[]): number[] {
  const times = days.map((day) => Date.parse(day));
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  return times.map((time) => (last === first ? 0 : ((time - first) / (last - first)) * 100));
}

/** The lower and upper edge of each series when they are stacked, the first at the bottom. */
export function stack(series: readonly Series[]): { key: string; lower: number[]; upper: number[] }[] {
  let below: number[] = [];
  return series.map(({ key, values }) => {
    const lower = values.map((_, index) => below[index] ?? 0);
    const upper = values.map((value, index) => (below[index] ?? 0) + value);
    below = upper;
    return { key, lower, upper };
  });
}

/** A round number at or above `most`, for the top of an axis: 1, 2 or 5 and zeros. */
export function roundTop(most: number): number {
  if (most <= 1) return 1;
  const size = 10 ** Math.floor(Math.log10(most));
  return ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((step) => step * size >= most) ?? 10) * size;
}

/** An SVG path around an area, in a box of 100 by 100 whose top is `top`. */
export function areaPath(
  places: readonly number[],
  lower: readonly number[],
  upper: readonly number[],
  top: number,
): string {
  const point = (value: number | undefined, index: number) =>
    `${round(places[index] ?? 0)} ${round(100 - ((value ?? 0) / top) * 100)}`;
  const above = upper.map(point);
  const below = lower.map(point).reverse();
  return `M${above.join("L")}L${below.join("L")}Z`;
}

/** The points of a sparkline in a box of `width` by `height`, its own least and most at the edges. */
export function sparkPoints(values: readonly number[], width: number, height: number): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = most - least || 1;
  return values
    .map((value, index) => {
      const x = values.length === 1 ? width : (index / (values.length - 1)) * width;
      const y = most === least ? height / 2 : height - ((value - least) / span) * height;
      return `${round(x)},${round(y)}`;
    })
    .join(" ");
}

/** The value of a week before the last day, or null where there is no day that old. */
export function weekBefore(days: readonly string[], values: readonly number[]): number | null {
  const last = days.at(-1);
  if (last === undefined) return null;
  const wanted = new Date(Date.parse(last) - 7 * 86_400_000).toISOString().slice(0, 10);
  const at = days.findLastIndex((day) => day <= wanted);
  return at < 0 ? null : (values[at] ?? null);
}

/** One value a week, counted back from the last day. */
export function weekly(days: readonly string[], values: readonly number[]): number[] {
  const last = Date.parse(days.at(-1) ?? "");
  return values.filter((_, index) => Math.round((last - Date.parse(days[index] ?? "")) / 86_400_000) % 7 === 0);
}

/** "+38", "−4", "0". */
export function signed(difference: number): string {
  if (difference === 0) return "0";
  return `${difference > 0 ? "+" : "−"}${Math.abs(difference).toLocaleString("en-GB")}`;
}

/** The share of the highest bar, at least a hair where there is anything, in percent. */
export function barHeight(value: number, most: number): number {
  return value === 0 ? 0 : Math.max(1.5, (value / Math.max(1, most)) * 100);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
