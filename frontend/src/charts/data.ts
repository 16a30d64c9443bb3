// What the server gives of the six pollutants over a period.
export interface Parameter {
  id: string;
  label: string;
  unit: string;
  digits: number;
  values: (number | null)[];
  marks: [place: number, value: number, grade: string, words: string][];
  n: number;
  bound: { value: number; title: string; drawn: boolean };
}

export interface SeriesData {
  title: string;
  times: [count: number, first: number, step: number][];
  step: "hour" | "day";
  parameters: Parameter[];
  words: { gap: string; of: string; keys: string };
}

export type Point = [time: number, value: number | null];

// Wall-clock times of the network [ms since 1970, as if it were UTC].
export function timesOf(data: SeriesData): number[] {
  return data.times.flatMap(([count, first, step]) =>
    Array.from({ length: count }, (_unused, k) => first + k * step),
  );
}

// Values between two gaps: a line alone would not show them.
export function lonely(values: (number | null)[]): number[] {
  return values.flatMap((value, k) =>
    value !== null && (values[k - 1] ?? null) === null && (values[k + 1] ?? null) === null ? [k] : [],
  );
}

export function timeWords(time: number, step: "hour" | "day"): string {
  const text = new Date(time).toISOString();
  return step === "day" ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 16)}`;
}

export function valueWords(p: Parameter, place: number, gap: string): string {
  const value = p.values[place] ?? null;
  const marks = p.marks.filter((m) => m[0] === place).map((m) => m[3]);
  const held = value === null ? (p.marks.find((m) => m[0] === place)?.[1] ?? null) : value;
  const figure = held === null ? gap : `${held.toFixed(p.digits)} ${p.unit}`;
  return [`${p.label} ${figure}`, ...marks].join(", ");
}
