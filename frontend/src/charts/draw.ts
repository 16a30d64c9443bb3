// Six charts under one another over one axis of time, with zoom, a tooltip and the keyboard.
import { LineChart, ScatterChart } from "echarts/charts";
import type { LineSeriesOption, ScatterSeriesOption } from "echarts/charts";
import {
  AxisPointerComponent,
  DataZoomSliderComponent,
  GridComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import type {
  DataZoomComponentOption,
  GridComponentOption,
  MarkLineComponentOption,
  TooltipComponentOption,
} from "echarts/components";
import { init, use } from "echarts/core";
import type { ComposeOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { lonely, timesOf, timeWords, valueWords } from "./data";
import type { Parameter, Point, SeriesData } from "./data";
import { listen } from "./keys";

type Option = ComposeOption<
  | LineSeriesOption
  | ScatterSeriesOption
  | DataZoomComponentOption
  | GridComponentOption
  | MarkLineComponentOption
  | TooltipComponentOption
>;
type Series = LineSeriesOption | ScatterSeriesOption;

use([
  LineChart, ScatterChart, AxisPointerComponent, DataZoomSliderComponent, GridComponent,
  MarkLineComponent, TooltipComponent, CanvasRenderer,
]);

const CROSS = "path://M0,0L10,10M10,0L0,10";
const AXIS = { year: "{yyyy}", month: "{MM}-{dd}", day: "{MM}-{dd}", hour: "{HH}:{mm}" };

interface Look {
  font: string;
  ink: string;
  ink2: string;
  ink3: string;
  line: string;
  line2: string;
  accent: string;
  ground: string;
  suspect: string;
  missing: string;
}

function lookOf(place: HTMLElement): Look {
  const style = getComputedStyle(place);
  const value = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    font: style.fontFamily, ink: value("ink"), ink2: value("ink-2"), ink3: value("ink-3"),
    line: value("line"), line2: value("line-2"), accent: value("accent"), ground: value("ground"),
    suspect: value("data-suspect"), missing: value("data-missing"),
  };
}

export function draw(place: HTMLElement, data: SeriesData): void {
  const canvas = document.createElement("div");
  canvas.className = "canvas";
  const note = document.createElement("p");
  note.className = "note";
  note.textContent = data.words.of;
  place.append(canvas, note);
  const chart = init(canvas, undefined, { renderer: "canvas" });
  const times = timesOf(data);
  chart.setOption(optionOf(data, times, lookOf(place)));
  new ResizeObserver(() => chart.resize()).observe(canvas);
  listen(place, chart, data, times);
}

function optionOf(data: SeriesData, times: number[], look: Look): Option {
  const count = data.parameters.length;
  const all = data.parameters.map((_p, k) => k);
  const label = { color: look.ink2, fontFamily: look.font, fontSize: 12 };
  return {
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: look.font, fontSize: 12, color: look.ink2 },
    axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: look.ink3 }, label: { show: false } },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: look.ground,
      borderColor: look.line2, textStyle: { ...label, color: look.ink },
      formatter: (given: unknown) => tooltip(given, data, times),
    },
    grid: all.map((k) => ({
      left: 56, right: 20, top: `${2.5 + (k * 90) / count}%`, height: `${90 / count - 4.2}%`,
    })),
    xAxis: all.map((k) => ({
      type: "time", gridIndex: k, min: times[0], max: times.at(-1),
      axisLine: { lineStyle: { color: look.line2 } }, axisTick: { show: k === count - 1 },
      axisLabel: { ...label, show: k === count - 1, formatter: AXIS, hideOverlap: true },
      splitLine: { show: true, lineStyle: { color: look.line } },
    })),
    yAxis: data.parameters.map((p, k) => ({
      type: "value", gridIndex: k, min: 0, splitNumber: 3,
      max: p.bound.drawn ? (range: { max: number }) => Math.max(range.max, p.bound.value * 1.05) : undefined,
      name: `${lowered(p.label)}  ${p.unit}`, nameLocation: "end", nameGap: 5,
      nameTextStyle: { ...label, color: look.ink, align: "left", padding: [0, 0, 0, -44] },
      axisLabel: { ...label, showMaxLabel: false }, splitLine: { lineStyle: { color: look.line } },
    })),
    // No zoom with wheel or drag: it would take the scrolling of the page away.
    dataZoom: [{
      type: "slider", xAxisIndex: all, bottom: 4, height: 20, left: 56, right: 20, filterMode: "none",
      labelFormatter: (time: number) => timeWords(time, data.step), textStyle: label, brushSelect: false,
      borderColor: look.line2, dataBackground: { lineStyle: { opacity: 0 }, areaStyle: { opacity: 0 } },
    }],
    series: data.parameters.flatMap((p, k) => seriesOf(p, k, times, look)),
  } as Option;
}

// PM2.5 as the field writes it: a canvas has no subscripts of its own.
function lowered(label: string): string {
  return label.replace(/\d/g, (digit) => String.fromCodePoint(0x2080 + Number(digit)));
}

function seriesOf(p: Parameter, grid: number, times: number[], look: Look): Series[] {
  const axes = { xAxisIndex: grid, yAxisIndex: grid };
  const point = (k: number, value: number | null): Point => [times[k]!, value];
  const marks = (grade: string): Point[] =>
    p.marks.filter((m) => m[2] === grade).map((m) => point(m[0], Math.max(0, m[1])));
  const line: LineSeriesOption = {
    ...axes, type: "line", name: p.label, showSymbol: false, connectNulls: false,
    lineStyle: { color: look.accent, width: 1.5 }, itemStyle: { color: look.accent },
    data: p.values.map((value, k) => point(k, value)),
  };
  if (p.bound.drawn) {
    line.markLine = {
      silent: true, symbol: "none", data: [{ yAxis: p.bound.value }],
      lineStyle: { color: look.ink3, type: "dashed" },
      label: {
        position: "insideEndTop", formatter: p.bound.title, color: look.ink, fontFamily: look.font,
        textBorderColor: look.ground, textBorderWidth: 3,
      },
    };
  }
  const dots: ScatterSeriesOption = {
    ...axes, type: "scatter", silent: true, symbolSize: 4, itemStyle: { color: look.accent },
    tooltip: { show: false }, data: lonely(p.values).map((k) => point(k, p.values[k]!)),
  };
  const suspect: ScatterSeriesOption = {
    ...axes, type: "scatter", silent: true, symbol: "diamond", symbolSize: 9,
    itemStyle: { color: look.suspect, borderColor: look.ground, borderWidth: 1 },
    tooltip: { show: false }, data: marks("suspect"),
  };
  const invalid: ScatterSeriesOption = {
    ...axes, type: "scatter", silent: true, symbol: CROSS, symbolSize: 7,
    itemStyle: { color: "transparent", borderColor: look.missing, borderWidth: 1.6 },
    tooltip: { show: false }, data: marks("invalid"),
  };
  return [line, dots, suspect, invalid];
}

function tooltip(given: unknown, data: SeriesData, times: number[]): string {
  const first = (Array.isArray(given) ? given[0] : given) as { axisValue?: number } | undefined;
  const place = times.indexOf(Number(first?.axisValue));
  if (place < 0) return "";
  const lines = data.parameters.map((p) => valueWords(p, place, data.words.gap));
  return [timeWords(times[place]!, data.step), ...lines].join("\n");
}
